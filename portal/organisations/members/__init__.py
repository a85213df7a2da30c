"""Members of organisations: what each may do, how they come in, and how they go."""
