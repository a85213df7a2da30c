"""Two organisations that turn out to be one: what becomes of all that is theirs."""
