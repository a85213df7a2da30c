"""What is left of minimum terms when contracts or products end."""
