"""What staff note of customers."""
