"""To which providers the staff belong, and what of each provider they reach."""
