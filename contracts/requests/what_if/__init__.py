"""What would follow if something were asked for: nothing is stored."""
