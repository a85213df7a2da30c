"""All that billing adds to contracts, which know nothing of it."""
