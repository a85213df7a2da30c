"""Days, months, hours and deadlines."""
