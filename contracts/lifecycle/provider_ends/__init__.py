"""Ends that the provider sets: it terminates, does not renew, or ends what it offers."""
