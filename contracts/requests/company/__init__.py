"""What an organisation changes of itself once, and what its contracts ask of that."""
