"""Short texts in a small part of Markdown, as HTML that can hold nothing else.

    ## heading {#anchor}            ### smaller heading; the anchor may be left out
    a paragraph, over several       - item          1. numbered item
    lines, ends at an empty line
    **strong**                      [words](https://…), to /a/page, #anchor, mailto: or tel:

Everything else is text. So whoever writes such a text writes no script and no style.
"""

import re
from collections.abc import Iterator

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

_HEADING = re.compile(r"(#{2,3}) +(.+?)(?: +\{#([a-z0-9-]+)\})?")
_BULLET = re.compile(r"- +(.+)")
_NUMBERED = re.compile(r"[0-9]+\. +(.+)")
_STRONG = re.compile(r"\*\*(.+?)\*\*")
_LINK = re.compile(
    r"\[([^\]]+)\]\((https?://[^\s()\"]+|/[^\s()\"]*|#[a-z0-9-]+|mailto:[^\s()\"]+|tel:[0-9+-]+)\)"
)


def to_html(text: str) -> SafeString:
    """The HTML of a text; blocks that are not known are paragraphs."""
    blocks = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip())
    return format_html_join("\n", "{}", ((html,) for block in blocks for html in _parts(block.strip("\n"))))


def _parts(block: str) -> Iterator[SafeString]:
    """A block, whose first line may be a heading with what follows right below."""
    first, _newline, rest = block.partition("\n")
    heading = _HEADING.fullmatch(first.strip())
    if heading:
        yield _heading(*heading.groups())
        if rest:
            yield from _parts(rest)
    elif block:
        yield _listed(block, "ul", _BULLET) or _listed(block, "ol", _NUMBERED) or _paragraph(block)


def _heading(signs: str, words: str, anchor: str | None) -> SafeString:
    level = len(signs)
    if anchor:
        return format_html('<h{} id="{}">{}</h{}>', level, anchor, _inline(words), level)
    return format_html("<h{}>{}</h{}>", level, _inline(words), level)


def _listed(block: str, tag: str, sign: re.Pattern[str]) -> SafeString | None:
    """A list, if each line is an item or goes on with the one before; None for anything else."""
    items: list[str] = []
    for line in block.split("\n"):
        found = sign.fullmatch(line.strip())
        if found:
            items.append(found[1])
        elif items and line.startswith("  "):
            items[-1] += f"\n{line.strip()}"
        else:
            return None
    rows = format_html_join("", "<li>{}</li>", ((_inline(item),) for item in items))
    return format_html("<{}>{}</{}>", mark_safe(tag), rows, mark_safe(tag))  # noqa: S308 (a name of ours)


def _paragraph(block: str) -> SafeString:
    return format_html("<p>{}</p>", _inline(block))


def _inline(text: str) -> SafeString:
    """A run of words: escaped as a whole, before anything is marked in it."""
    marked = _LINK.sub(r'<a href="\2">\1</a>', _STRONG.sub(r"<strong>\1</strong>", escape(text)))
    return mark_safe(marked.replace("\n", "<br>"))  # noqa: S308 (what is not escaped stands above)
