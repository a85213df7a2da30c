"""One-off charges and credits."""
