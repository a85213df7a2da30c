"""Applications: drafted, checked, sent, decided, withdrawn, and on to the start of service."""
