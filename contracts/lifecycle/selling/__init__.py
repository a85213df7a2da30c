"""By whom a contract is sold."""
