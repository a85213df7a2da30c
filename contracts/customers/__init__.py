"""What staff keep and see of a customer as a whole."""
