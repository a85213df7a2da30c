"""How customers agree to versions of the terms, and the chain that proves it."""
