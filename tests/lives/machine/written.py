"""A life that the machine played, as a worked example that anybody can play again."""

import json
from datetime import date
from typing import Any

from tests.lives.machine.player import Player


def example(player: Player, failure: Exception) -> str:
    """The life as the JSON of one worked example, with what must have been true where the failure says it."""
    expect: dict[str, Any] = {
        "as_of": player.now.date().isoformat(),
        **{name: _plain(value) for name, value in getattr(failure, "expect", {}).items()},
        "refused_events": sorted(player.refused),
    }
    written = {
        "id": f"{player.slug}-thought-up",
        "service": player.slug,
        "kind": "life",
        "given": {"method": player.method, "events": player.events},
        "expect": expect,
        "note": f"{type(failure).__name__}: {failure}",
    }
    return json.dumps([written], ensure_ascii=False)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
