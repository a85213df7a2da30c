"""What the columns of comparison tables (新旧対照表) are called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

Column = Literal["new", "old", "place", "remark"]

_NOTE = re.compile(r"[(\[【〔].*?[)\]】〕]")
_VERSION = re.compile(r"第?[0-9.]+[版号条章]|[0-9年月日/.\-~令和平成]+(?:施行|適用|から|より|以降|版)*")
_WHAT = re.compile(r"の?(?:本?(?:規約|約款|条文|規定|規程|条項|内容|文言|文|版|表|案))+$")
_NEW = {
    "新",
    "改定後",
    "改訂後",
    "改正後",
    "変更後",
    "改定案",
    "改訂案",
    "改正案",
    "変更案",
    "新案",
    "修正後",
}
_OLD = {"旧", "改定前", "改訂前", "改正前", "変更前", "現行", "現", "従前", "従来", "修正前"}
_PLACE = {
    "条",
    "条項",
    "条番号",
    "条文番号",
    "条数",
    "該当条項",
    "該当条",
    "項目",
    "箇所",
    "変更箇所",
    "該当箇所",
}
_LONGEST = 40


def columns_of(cells: Sequence[str]) -> tuple[Column, ...]:
    """The columns that a row names; none if it is not the head of a comparison table.

    Beside one for each side there may be others: where something stands, and what is remarked of it.
    """
    columns = tuple(_column(cell) for cell in cells)
    is_head = columns.count("new") == 1 and columns.count("old") == 1
    return columns if is_head and all(len(cell) <= _LONGEST for cell in cells) else ()


def _column(cell: str) -> Column:
    plain = "".join(unicodedata.normalize("NFKC", cell).replace("*", "").split())
    bare = _VERSION.sub("", _NOTE.sub("", plain))
    names = {plain, bare, _WHAT.sub("", bare)}
    if names & _NEW:
        return "new"
    if names & _OLD:
        return "old"
    return "place" if names & _PLACE else "remark"
