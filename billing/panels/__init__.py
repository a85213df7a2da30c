"""What billing adds to pages of contracts."""
