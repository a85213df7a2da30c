"""What happens to a contract between its start and its end, and how it stands on any day."""
