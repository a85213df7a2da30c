"""Seeing as the customer sees: what staff open for support on the telephone, to read alone."""
