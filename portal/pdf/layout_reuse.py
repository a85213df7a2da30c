"""Documents of one shape share a layout: one is laid out, and the texts of all are set into that.

Documents of one shape differ in texts that stay on their lines, in places that no text moves. The first of a
shape is laid out by WeasyPrint, and what may change is learned from it (portal/pdf/layout_reading.py). Others
of the shape, and the first one too, are then drawn by setting their texts (portal/pdf/layout.py). What comes
out depends on the document alone, not on which one was the first. What cannot be drawn so, WeasyPrint draws.

The first that finds a layout there, and a sample of all others, is laid out by WeasyPrint as well: if that
does not lead to the same, the difference is logged and WeasyPrint's layout counts.
"""

import logging
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

import pydyf
from weasyprint.document import Document

from portal.pdf.drawing import Drawing
from portal.pdf.layout import DoesNotFitError, Layout
from portal.pdf.layout_reading import NotAlikeError, ReadPage, font_weights, read_layout
from portal.pdf.markup import Markup, NotWellFormedError, read_markup
from portal.pdf.shared_file import SharedFile

_log = logging.getLogger(__name__)

KEPT = 256  # layouts of one structure, and structures
CHECKED_ONE_IN = 1024


@dataclass
class _Shape:
    """A layout with the file around it. `checked` once it served another document than its first."""

    layout: Layout
    file: SharedFile
    checked: bool = False

    def draw(self, drawing: Drawing, markup: Markup) -> bytes:
        """Raises DoesNotFitError."""
        pages, glyphs = self.layout.filled(markup.contents)
        return self.file.write(drawing, markup, pages, glyphs)


class _Shapes:
    """The shapes of one structure, by the texts that belong to them."""

    def __init__(self) -> None:
        self._shapes: dict[tuple[int, ...], OrderedDict[tuple[str, ...], _Shape]] = {}

    def draw(self, drawing: Drawing, markup: Markup) -> tuple[_Shape, bytes] | None:
        contents = markup.contents
        for fixed, shapes in self._shapes.items():
            shape = shapes.get(tuple([contents[place] for place in fixed]))
            if shape:
                try:
                    return shape, shape.draw(drawing, markup)
                except DoesNotFitError:
                    continue
        return None

    def keep(self, shape: _Shape, markup: Markup) -> None:
        fixed, contents = shape.layout.fixed, markup.contents
        shapes = self._shapes.setdefault(fixed, OrderedDict())
        shapes[tuple([contents[place] for place in fixed])] = shape
        if len(shapes) > KEPT:
            shapes.popitem(last=False)


_kept: OrderedDict[Hashable, _Shapes] = OrderedDict()


def draw_alike(drawing: Drawing) -> bytes | None:
    """The file of a document whose characters the cut typeface has; None for one that is not well-formed."""
    try:
        markup = read_markup(drawing.html)
    except NotWellFormedError as reason:
        _log.debug("Not well-formed: %s", reason)
        return None
    shapes = _shapes_of((drawing.stylesheet, drawing.variant, len(drawing.files), markup.structure))
    found = shapes.draw(drawing, markup)
    if found and found[0].checked and int.from_bytes(drawing.identifier[:4]) % CHECKED_ONE_IN:
        return found[1]
    document = drawing.render(ReadPage(markup))
    try:
        shape = _read_shape(drawing, markup, document)
        content = shape.draw(drawing, markup)
    except (NotAlikeError, DoesNotFitError) as reason:
        _log.debug("Not alike: %s", reason)
        return drawing.finish(document)
    if not found:
        shapes.keep(shape, markup)
    elif content == found[1]:
        found[0].checked = True
    else:
        _log.error("A document differs from others of its shape: %s", markup.title)
    return content


def forget_layouts() -> None:
    """Start anew, as a new process does."""
    _kept.clear()


def _shapes_of(key: Hashable) -> _Shapes:
    shapes = _kept.setdefault(key, _Shapes())
    _kept.move_to_end(key)
    if len(_kept) > KEPT:
        _kept.popitem(last=False)
    return shapes


def _read_shape(drawing: Drawing, markup: Markup, document: Document) -> _Shape:
    written: list[pydyf.PDF] = []
    copy = document.copy()
    drawing.finish(copy, finisher=lambda _document, pdf: written.append(pdf), uncompressed_pdf=True)
    (pdf,) = written
    file = SharedFile(pdf, font_weights(copy))
    return _Shape(read_layout(copy, file.streams, markup), file)
