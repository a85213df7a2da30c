"""What is held about people and organisations: shown to them as a file, and erased when its time is over."""
