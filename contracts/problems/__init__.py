"""Why something that was written can't be taken, or has no answer. Pure."""
