"""Letters and e-mails to customers: what they state, how they are issued and sent."""
