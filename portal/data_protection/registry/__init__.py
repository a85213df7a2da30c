"""What each table holds of people and organisations, how it is shown to them, and how long it is kept."""
