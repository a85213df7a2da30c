"""Running contracts of old systems: files, what they would do, and what they did."""
