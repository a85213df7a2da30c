"""Demo customers with contracts in every state, for a first look at the portal."""
