"""Pages on what the portal knows of an organisation, and on how that changes."""
