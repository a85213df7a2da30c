"""Papers: how something came in on one, and what goes out by post."""
