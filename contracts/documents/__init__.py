"""Documents about contracts, as PDF."""
