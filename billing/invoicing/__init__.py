"""Invoices and their corrections: what is charged, issued, drawn, sent, returned."""
