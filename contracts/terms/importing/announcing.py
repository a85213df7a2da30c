"""Whether a text says that items follow."""

from __future__ import annotations

import re

_NAMES_ITEMS = re.compile(r"各号|各項目|下記|左記")
_POINTS_BELOW = re.compile(
    r"(?:次|つぎ|(?<![0-9０-９%％円日月年名個件歳])以下)(?:の(?![0-9０-９月年日期回週章]|条(?!件)|項(?!目))|に)"
)


def announces_items(text: str) -> bool:
    """Whether a text names 各号 or 下記, or points below in its last sentence: 次のいずれか, 以下の行為."""
    last = next((sentence for sentence in reversed(text.split("。")) if sentence.strip()), "")
    return bool(_NAMES_ITEMS.search(text) or _POINTS_BELOW.search(last))
