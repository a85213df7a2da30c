"""What customers ask for on a running contract: a kind of request is one class in one file."""
