"""The outbox: e-mails to customers and to the provider, and what became of them."""
