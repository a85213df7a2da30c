"""Applications and requests: what staff see before they decide, and the decisions."""
