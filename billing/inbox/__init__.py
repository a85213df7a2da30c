"""What waits for staff because of money."""
