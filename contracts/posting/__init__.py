"""What goes out by post: chosen, drawn as one file for window envelopes, recorded as posted."""
