"""What apps above contracts add to them, which never import these: how it is said, how it is asked for."""
