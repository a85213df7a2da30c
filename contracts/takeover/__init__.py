"""Running contracts of an old system: read from a file, tried, confirmed by a second person, brought in."""
