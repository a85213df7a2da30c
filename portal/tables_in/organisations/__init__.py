"""Tables of organisations, and of the people who act for them."""
