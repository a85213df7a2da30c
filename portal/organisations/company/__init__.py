"""What an organisation states of itself, whose it is, and which e-mails go to whom of its people."""
