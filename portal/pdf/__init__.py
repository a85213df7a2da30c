"""PDFs, drawn from HTML with our own style sheets, fonts and images alone."""

from collections.abc import Sequence

from portal.pdf.drawing import Drawing, EmbeddedFile
from portal.pdf.layout_reuse import draw_alike
from portal.pdf.typeface import is_covered, printable

__all__ = ["EmbeddedFile", "write_pdf"]


def write_pdf(
    html: str,
    *,
    stylesheet: str,
    identifier: bytes,
    variant: str | None = None,
    files: Sequence[EmbeddedFile] = (),
    alike: bool = False,
) -> bytes:
    """Draw a page as a tagged PDF. The same input gives the same bytes.

    `stylesheet` is the path of a style sheet below `static/`. What the page and the style sheet name, such as
    fonts, they name as `static:/…`; any other address stops the drawing with FatalURLFetchingError. Of
    `identifier` the first 16 bytes count. `variant` is a standard that the file keeps, such as `pdf/a-3b`.
    `alike` is for documents of which many have one shape: these share a layout (portal/pdf/layout_reuse.py).
    Characters that no font of ours has are shown as 〓.
    """
    text = printable(html)
    drawing = Drawing(text, stylesheet, identifier, variant, files)
    drawn = draw_alike(drawing) if alike and is_covered(text) else None
    return drawn or drawing.finish(drawing.render())
