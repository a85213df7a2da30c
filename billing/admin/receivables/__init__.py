"""Money that came in and went out, and who is late."""
