"""What takes a second person in contracts: each kind with its lines before and after, and what it does."""
