"""Services, their terms, the days that shift deadlines, and who agreed."""
