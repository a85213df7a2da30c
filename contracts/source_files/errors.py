"""What goes wrong when a file is read."""

from __future__ import annotations

from contracts.problems.reasons import Reason


class UnreadableFile(ValueError):  # noqa: N818 - a message to the one who brought the file
    """A file whose text can't be read; the reason says why, and what to do."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(str(reason))

    def __reduce__(self) -> tuple[type[UnreadableFile], tuple[Reason]]:
        return type(self), (self.reason,)
