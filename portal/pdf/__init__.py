"""PDFs, drawn from HTML with our own style sheets, fonts and images alone."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

from portal.pdf.characters import is_covered, printable
from portal.pdf.drawing import Drawing, EmbeddedFile
from portal.pdf.layout_reuse import draw_alike

__all__ = ["DrawnPdf", "EmbeddedFile", "write_alike", "write_pdf"]

_log = logging.getLogger(__name__)

_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)


@dataclass(frozen=True)
class DrawnPdf:
    """A file, and whether an error in the shared layout led to its being drawn the plain way."""

    content: bytes
    layout_failed: bool = False


def write_pdf(
    html: str,
    *,
    stylesheet: str,
    identifier: bytes,
    variant: str | None = None,
    files: Sequence[EmbeddedFile] = (),
) -> bytes:
    """Draw a page as a tagged PDF. The same input gives the same bytes.

    `stylesheet` is the path of a style sheet below `static/`. What the page and the style sheet name, such as
    fonts, they name as `static:/…`; any other address stops the drawing with FatalURLFetchingError. Of
    `identifier` the first 16 bytes count. `variant` is a standard that the file keeps, such as `pdf/a-3b`.
    Characters that no font of ours has are shown as 〓.
    """
    return _plainly(Drawing(printable(html), stylesheet, identifier, variant, files))


def write_alike(
    html: str,
    *,
    stylesheet: str,
    identifier: bytes,
    variant: str | None = None,
    files: Sequence[EmbeddedFile] = (),
) -> DrawnPdf:
    """Draw one of many documents that have one shape, as `write_pdf` does, but faster.

    They share a layout (portal/pdf/layout_reuse.py). Whatever goes wrong in that stops no document: it is
    logged, and the document is drawn the plain way.
    """
    drawing = Drawing(printable(html), stylesheet, identifier, variant, files)
    try:
        drawn = draw_alike(drawing) if is_covered(drawing.html) else None
    except Exception:
        _log.exception("The shared layout failed; drawn without it: %s", _title(drawing.html))
        return DrawnPdf(_plainly(drawing), layout_failed=True)
    return DrawnPdf(drawn or _plainly(drawing))


def _plainly(drawing: Drawing) -> bytes:
    return drawing.finish(drawing.render())


def _title(html: str) -> str:
    found = _TITLE.search(html)
    return found[1].strip() if found else ""
