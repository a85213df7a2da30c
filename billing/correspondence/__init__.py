"""What letters and e-mails about money have in common."""
