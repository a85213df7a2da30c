"""Writing what was read as JSON as the TOML that policies, price lists and agreements are written in."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any


def toml_of(values: Mapping[str, Any]) -> str:
    """Names and values as lines of TOML. TypeError for what TOML does not know."""
    return "".join(f"{_key(name)} = {_value(value)}\n" for name, value in values.items())


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _value(value: Any) -> str:
    match value:
        case bool() | int() | float() | str():
            return json.dumps(value, ensure_ascii=False)
        case date():
            return value.isoformat()
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            return f"{{ {', '.join(f'{_key(name)} = {_value(inner)}' for name, inner in value.items())} }}"
    raise TypeError(f"TOML has no {type(value).__name__}")
