"""Pages on which customers ask for something on a running contract, and follow what they asked for."""
