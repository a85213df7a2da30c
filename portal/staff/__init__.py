"""The desk of the provider's staff: its first page, the queue, rights."""
