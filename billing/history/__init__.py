"""What billing says of its entries in the audit trail."""
