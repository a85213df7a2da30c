"""The contents of a contract changed in one form: what becomes of each product, and what goes together."""
