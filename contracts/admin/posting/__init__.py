"""What goes out by post, as staff print and post it."""
