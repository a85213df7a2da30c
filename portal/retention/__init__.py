"""What is kept how long, by which law or whose decision; `portal.data_protection`, above, erases it."""
