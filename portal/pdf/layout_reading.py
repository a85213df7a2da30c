"""What a document that WeasyPrint laid out tells about others of its shape.

This module alone looks into WeasyPrint: at the boxes on its pages and at what it writes for them. A text may
change where its line is its paragraph's only one and holds nothing but texts, in blocks and tables whose
widths the style sheet states. Each such line is set anew here and compared with WeasyPrint's; one that
differs keeps its texts, which then belong to the shape.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cssselect2
import pydyf
from weasyprint import HTML
from weasyprint.document import Document
from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder

from portal.pdf.drawing import BASE_URL, own_static_file
from portal.pdf.layout import TOLERANCE, DoesNotFitError, Hole, Layout, Line, PageLayout, SettledText, Slot
from portal.pdf.markup import Markup
from portal.pdf.typeface import PANGO_UNIT, typeface

FAMILY = "Document Gothic"
_MARGIN_SHARE = 0.45  # of the page's width: so long may a text in a margin be beside another one
_NO_BREAK_SPACE = "\u00a0"
_EXACT = 4  # decimals of a length
_BLOCKS = (
    boxes.PageBox,
    boxes.MarginBox,
    boxes.BlockBox,
    boxes.TableBox,
    boxes.TableRowGroupBox,
    boxes.TableRowBox,
    boxes.TableCellBox,
)
_SHARES = {"start": 0.0, "left": 0.0, "center": 0.5, "end": 1.0, "right": 1.0}
_PLAIN: dict[str, tuple[Any, ...]] = {
    "letter_spacing": ("normal", 0),
    "word_spacing": (0,),
    "text_decoration_line": ("none",),
    "text_transform": ("none",),
    "visibility": ("visible",),
    "white_space": ("normal", "nowrap"),
    "direction": ("ltr",),
    "font_feature_settings": ("normal",),
    "font_variant_caps": ("normal",),
}


class NotAlikeError(Exception):
    """A document that cannot share a layout; the message says what stands against it."""


class ReadPage(HTML):
    """A page for WeasyPrint that is read already, by a parser many times faster than its own."""

    def __init__(self, markup: Markup) -> None:
        self.base_url = BASE_URL
        self.url_fetcher = own_static_file
        self.media_type = "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(markup.root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element


def read_layout(document: Document, streams: list[pydyf.Stream], markup: Markup) -> Layout:
    """The layout of a document whose pages were written to the given streams. Raises NotAlikeError."""
    weights = font_weights(document)
    readings = []
    for page, stream in zip(document.pages, streams, strict=True):
        if page.links or page.anchors or any(page.forms.values()):
            raise NotAlikeError("links, anchors or forms")
        readings.append(_PageReading(page._page_box, _Content(stream, weights), markup))
    bound = {text for reading in readings for text in reading.bound}
    pages = [reading.layout() for reading in readings]
    return Layout(pages, tuple(sorted(bound)), set(weights.values()))


def font_weights(document: Document) -> dict[str, int]:
    """The weights of the fonts of a drawn document, by their names in it. Raises NotAlikeError."""
    weights = {font.hash: font.weight for font in document.fonts.values()}
    if len(weights) < len(document.fonts):
        raise NotAlikeError("several fonts of one name")
    for font in document.fonts.values():
        if font.family != FAMILY or font.missing:
            raise NotAlikeError(f"a font other than ours: {font.family}")
    return weights


@dataclass(frozen=True)
class _Piece:
    """A text in the content of a page: where its matrix and what it shows stand, and its line's height."""

    matrix: int
    show: int
    vertical: bytes
    text: SettledText


class _Content:
    """The content of a page as WeasyPrint writes it: one operator an item."""

    def __init__(self, stream: pydyf.Stream, weights: dict[str, int]) -> None:
        self.items: list[bytes | SettledText | Hole] = []
        self.pieces: dict[tuple[bytes, bytes], _Piece] = {}
        self._weights = weights
        for item in stream.stream:
            self._add(_written(item))

    def _add(self, item: bytes) -> None:
        if item == b"BT":
            self._matrix: list[int] = []
            self._shows: list[int] = []
        elif item.endswith(b" Tm"):
            self._matrix.append(len(self.items))
        elif item.endswith(b" Tf"):
            self._weight = self._weights[item[1:].split(b" ")[0].decode()]
        elif item.endswith(b" TJ"):
            self._shows.append(len(self.items))
            self.items.append(SettledText(self._weight, item))
            return
        elif item == b"ET" and len(self._matrix) == len(self._shows) == 1:
            self._remember(self._matrix[0], self._shows[0])
        self.items.append(item)

    def _remember(self, matrix: int, show: int) -> None:
        text = self.items[show]
        written = self.items[matrix]
        if isinstance(text, SettledText) and isinstance(written, bytes):
            *turn, x, y, _operator = written.split(b" ")
            if turn == [b"1", b"0", b"0", b"-1"]:
                self.pieces[x, y] = _Piece(matrix, show, y, text)

    def piece(self, box: boxes.TextBox) -> _Piece | None:
        """What was written for a box: it begins where the box does."""
        return self.pieces.get((_written(box.position_x), _written(box.position_y + box.baseline)))


def _written(item: Any) -> bytes:
    """An operand or operator in bytes."""
    if isinstance(item, bytes):
        return item
    if isinstance(item, pydyf.Object):
        return bytes(item.data)
    if isinstance(item, float):
        return f"{item:f}".rstrip("0").rstrip(".").encode()
    return str(item).encode()


class _PageReading:
    """The lines of a page. `bound` are the texts on it that may not change."""

    def __init__(self, page: boxes.PageBox, content: _Content, markup: Markup) -> None:
        self._content = content
        self._contents = markup.contents
        self._lines: list[tuple[Line, list[_Piece]]] = []
        self.bound: set[int] = set()
        found = list(_found_lines(page, page.width, _Found(free=True)))
        own = _texts_by_owner(markup)
        texts = _texts_of([box for _block, line, _how in found for box in _text_boxes(line)], own, markup)
        for block, line, how in found:
            if not (how.free and self._read(block, line, texts, how.margin)):
                for box in _text_boxes(line):
                    self.bound |= {texts[box]} if box in texts else set(own[box.element])

    def layout(self) -> PageLayout:
        items = list(self._content.items)
        pieces = [piece for _line, on_line in self._lines for piece in on_line]
        for place, piece in enumerate(pieces):
            items[piece.matrix] = Hole(2 * place)
            items[piece.show] = Hole(2 * place + 1)
        matrices = {piece.matrix: piece.vertical for piece in pieces}
        shows = {piece.show for piece in pieces}
        content: list[bytes | SettledText | Hole] = []
        for place, item in enumerate(items):
            if place in matrices:
                content += [b"1 0 0 -1 ", item, b" " + matrices[place] + b" Tm"]
            elif place in shows:
                content += [b"[<", item, b">] TJ"]
            else:
                content.append(item)
            content.append(b"\n")
        return PageLayout([line for line, _pieces in self._lines], content)

    def _read(
        self,
        block: boxes.Box,
        box: boxes.LineBox,
        texts: dict[boxes.TextBox, int],
        margin: tuple[float, float] | None,
    ) -> bool:
        """Keep a line whose texts may change; False for another one."""
        share = _SHARES.get(box.style["text_align_all"])
        if share is None or len(block.children) != 1 or box.style["text_indent"].value:
            return False
        slots, shown, gap = [], [], 0.0
        for step in _steps(box):
            if isinstance(step, float):
                gap += step
                continue
            piece = None if step is None else self._content.piece(step)
            if step is None or piece is None or step not in texts or not _is_plain(step):
                return False
            before, _, after = step.text.partition(step.text.strip(" "))
            size = int(step.style["font_size"] * PANGO_UNIT)
            slots.append(Slot(texts[step], round(gap, _EXACT), before, after, piece.text.weight, size))
            shown.append((step, piece))
            gap = 0.0
        start, width = block.content_box_x(), block.width
        if margin:
            share, longest = margin
            start, width = start + share * (width - longest), longest
        line = Line(round(start, _EXACT), round(width, _EXACT), share, tuple(slots), round(gap, _EXACT))
        if not shown or not self._agrees(line, shown):
            return False
        self._lines.append((line, [piece for _box, piece in shown]))
        return True

    def _agrees(self, line: Line, shown: list[tuple[boxes.TextBox, _Piece]]) -> bool:
        """Whether its texts would be set just where WeasyPrint set them, with the same glyphs."""
        try:
            positions = line.positions(self._contents)
        except (DoesNotFitError, KeyError):
            return False
        return all(
            abs(position - box.position_x) < TOLERANCE
            and _NO_BREAK_SPACE not in box.text
            and [typeface(slot.weight).glyphs[character] for character in box.text] == piece.text.glyphs
            for slot, position, (box, piece) in zip(line.slots, positions, shown, strict=True)
        )


@dataclass(frozen=True)
class _Found:
    """How a line stands: whether no text moves its place.

    A margin's box is as wide as its text: what stays is the edge of the page that it is at. `margin` is the
    share of what the text leaves of a generous width that stands before it, and that width.
    """

    free: bool
    margin: tuple[float, float] | None = None


def _found_lines(
    box: boxes.Box, page_width: float, how: _Found
) -> Iterator[tuple[boxes.Box, boxes.LineBox, _Found]]:
    """Each line below a box, with the block that it belongs to."""
    if isinstance(box, AbsolutePlaceholder) and box._box.is_outside_marker:
        return
    if isinstance(box, AbsolutePlaceholder) or box.style["float"] != "none":
        raise NotAlikeError("floating or absolutely placed boxes")
    how = _Found(how.free and _keeps_its_width(box), how.margin)
    if isinstance(box, boxes.MarginBox):
        share = _SHARES.get(box.at_keyword.rpartition("-")[2])
        how = _Found(share is not None, None if share is None else (share, page_width * _MARGIN_SHARE))
    for child in box.children:
        if isinstance(child, boxes.LineBox):
            yield box, child, how
        else:
            yield from _found_lines(child, page_width, how)


def _keeps_its_width(box: boxes.Box) -> bool:
    """Whether a block's width, and what else is made from it, is the same whatever the texts in it are."""
    style = box.style
    if not isinstance(box, _BLOCKS) or style["bookmark_level"] != "none" or style["string_set"] != "none":
        return False
    return not isinstance(box, boxes.TableBox) or (
        style["table_layout"] == "fixed" and style["width"] != "auto"
    )


def _text_boxes(line: boxes.LineBox) -> Iterator[boxes.TextBox]:
    return (box for box in line.descendants() if isinstance(box, boxes.TextBox) and box.text.strip(" "))


def _texts_by_owner(markup: Markup) -> dict[Any, list[int]]:
    own: dict[Any, list[int]] = defaultdict(list)
    for place, text in enumerate(markup.texts):
        own[text.owner].append(place)
    return own


def _texts_of(
    shown: list[boxes.TextBox], own: dict[Any, list[int]], markup: Markup
) -> dict[boxes.TextBox, int]:
    """The texts of the boxes of which it is certain, as their elements show all of theirs, in order."""
    by_element: dict[Any, list[boxes.TextBox]] = defaultdict(list)
    for box in shown:
        if box.element is not None and box.element_tag == box.element.tag:
            by_element[box.element].append(box)
    certain: dict[boxes.TextBox, int] = {}
    for element, of_element in by_element.items():
        times = len(of_element) // len(own[element]) if own[element] else 0
        places = own[element] * times
        if [box.text.strip(" ") for box in of_element] == [markup.contents[place] for place in places]:
            certain.update(zip(of_element, places, strict=True))
    return certain


def _steps(box: boxes.Box) -> Iterator[float | boxes.TextBox | None]:
    """What stands on a line, in order: texts and lengths between them. None for anything else."""
    for child in box.children:
        if isinstance(child, boxes.TextBox):
            yield child if child.text.strip(" ") else float(child.width)
        elif type(child) is boxes.InlineBox and not _is_painted(child):
            yield float(child.margin_left + child.padding_left)
            yield from _steps(child)
            yield float(child.padding_right + child.margin_right)
        else:
            yield None


def _is_painted(box: boxes.InlineBox) -> bool:
    borders = any(getattr(box, f"border_{side}_width") for side in ("top", "right", "bottom", "left"))
    return borders or bool(box.background and box.background.layers)


def _is_plain(box: boxes.TextBox) -> bool:
    return all(box.style[name] in plain for name, plain in _PLAIN.items())
