"""What the rules say at each step of a contract's life."""
