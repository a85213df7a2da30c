"""Invoices, their e-mails, and the runs that issue them."""
