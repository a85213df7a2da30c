"""The accounts of the provider's staff: for which providers they work, and what is done for them."""
