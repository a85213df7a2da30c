"""Well-formed pages, read: their structure, and apart from it their texts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from xml.etree.ElementTree import Element, ParseError, fromstring

_SPACES = re.compile("[ \t\n\r\f]+")
_DESCRIBING = ("meta", "title")


class NotWellFormedError(Exception):
    """The page cannot be read as XML, or its head does more than describe it."""


@dataclass(frozen=True)
class Text:
    """A text that is not blank, with single spaces and none at its ends; `owner` is what it stands in."""

    content: str
    owner: Element


@dataclass(frozen=True)
class Markup:
    """A page. Two with the same `structure` differ at most in their texts and in what their heads state."""

    root: Element
    structure: str
    texts: tuple[Text, ...]

    @cached_property
    def contents(self) -> tuple[str, ...]:
        return tuple(text.content for text in self.texts)

    @cached_property
    def title(self) -> str:
        return (self.root.findtext("head/title") or "").strip()

    @cached_property
    def described(self) -> dict[str, str]:
        """What the head states, by its name."""
        found = (element.attrib for element in self.root.iterfind("head/meta[@name]"))
        return {stated["name"]: stated.get("content", "") for stated in found}


def read_markup(html: str) -> Markup:
    """Read a page. Raises NotWellFormedError."""
    try:
        # Our own templates' output, without entities of its own.
        root = fromstring(html)  # noqa: S314
    except ParseError as error:
        raise NotWellFormedError(str(error)) from error
    head, body = root.find("head"), root.find("body")
    if head is None or body is None or any(element.tag not in _DESCRIBING for element in head):
        raise NotWellFormedError("a page has a head that describes it, and a body")
    texts: list[Text] = []
    structure = [*_tag(root), *_walk(body, texts)]
    return Markup(root, "".join(structure), tuple(texts))


def _walk(element: Element, texts: list[Text]) -> Iterator[str]:
    yield from _tag(element)
    yield _place(element.text, element, texts)
    for child in element:
        yield from _walk(child, texts)
        yield _place(child.tail, element, texts)
    yield "<>"


def _tag(element: Element) -> Iterator[str]:
    yield f"<{element.tag}"
    for name, value in element.attrib.items():
        yield f" {name}={value!r}"
    yield ">"


def _place(text: str | None, owner: Element, texts: list[Text]) -> str:
    """What the structure tells of a text: whether there is one, and where spaces are around it."""
    if not text:
        return ""
    collapsed = _SPACES.sub(" ", text)
    content = collapsed.strip(" ")
    if not content:
        return " "
    texts.append(Text(content, owner))
    return ("_" if collapsed[0] == " " else "") + "T" + ("_" if collapsed[-1] == " " else "")
