"""The releases whose installations are kept, each in a folder named like it."""

import json
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RELEASES = sorted(folder.name for folder in HERE.iterdir() if re.fullmatch(r"[0-9.]+", folder.name))


def kept_text(release: str, name: str) -> str:
    return (HERE / release / name).read_text(encoding="utf-8")


def kept_json(release: str, name: str) -> Any:
    return json.loads(kept_text(release, name))


def kept_lines(release: str, name: str) -> list[str]:
    return kept_text(release, name).splitlines()
