"""How much is let through: how long a session lasts, how often somebody may ask, how long a file is read."""
