"""Lives: worked examples of whole contracts, played through the operations and taken back."""
