"""The door for tables that staff bring in: read, shown row by row as a rehearsal, and taken in as shown."""
