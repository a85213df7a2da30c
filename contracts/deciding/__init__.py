"""What operations share: rows locked as they are now, who may decide, numbers given once."""
