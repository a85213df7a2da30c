"""What goes wrong when a file is read."""


class UnreadableFile(ValueError):  # noqa: N818 - a message to the one who brought the file
    """A file whose text can't be read; the message says why, and what to do."""
