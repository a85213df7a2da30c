"""What waits for staff, and what each day brings."""
