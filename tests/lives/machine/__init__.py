"""A machine that thinks up lives of contracts, and checks each against a recomputation of its own."""
