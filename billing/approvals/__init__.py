"""What takes a second person because it moves money: each kind with what changes, and what it does."""
