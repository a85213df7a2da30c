"""What a mark says, and how that is written."""

import json
from dataclasses import dataclass
from typing import Protocol, Self

NAME = ".installation"
LENGTH = 128


@dataclass(frozen=True)
class Mark:
    """What a mark says; `is_copy` where it doesn't lie in the place that it names."""

    identity: str
    moves: int
    is_copy: bool


class OpenMark(Protocol):
    """A mark that is there and may be written; to be used as a context, which closes it."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *reason: object) -> None: ...

    def read(self) -> Mark:
        """What it says; what nobody can read is the mark of no installation."""
        ...

    def move(self, moves: int) -> None:
        """Move it on."""
        ...


def written(identity: str, moves: int, place: str) -> bytes:
    said = {"identity": identity, "moves": moves, "place": place}
    return json.dumps(said).encode().ljust(LENGTH - 1) + b"\n"


def read_content(content: bytes) -> tuple[str, int, str]:
    """Identity, moves and place; those of no installation where nobody can read it."""
    try:
        said = json.loads(content)
        return str(said["identity"]), int(said["moves"]), str(said["place"])
    except (ValueError, TypeError, KeyError):
        return "", 0, ""
