"""PDFs, drawn from HTML with our own style sheets, fonts and images alone."""

from collections.abc import Sequence
from functools import cache

from django.conf import settings
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcherResponse


def write_pdf(
    html: str,
    *,
    stylesheet: str,
    identifier: bytes,
    variant: str | None = None,
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """Draw a page as a tagged PDF. The same input gives the same bytes.

    `stylesheet` is the path of a style sheet below `static/`. What the page and the style sheet name, such as
    fonts, they name as `static:/…`; any other address stops the drawing with FatalURLFetchingError. Of
    `identifier` the first 16 bytes count. `variant` is a standard that the file keeps, such as `pdf/a-3b`.
    """
    style, fonts = _style(stylesheet)
    return HTML(string=html, url_fetcher=own_static_file, base_url="static:/").write_pdf(
        stylesheets=[style],
        font_config=fonts,
        pdf_identifier=identifier[:16],
        pdf_tags=True,
        pdf_variant=variant,
        attachments=list(attachments),
    )


@cache
def _style(stylesheet: str) -> tuple[CSS, FontConfiguration]:
    """Style sheet and fonts, read once a process: reading the fonts takes longer than a page."""
    fonts = FontConfiguration()
    text = (settings.BASE_DIR / "static" / stylesheet).read_text(encoding="utf-8")
    return CSS(string=text, font_config=fonts, url_fetcher=own_static_file, base_url="static:/"), fonts


def own_static_file(url: str) -> URLFetcherResponse:
    """Serve `static:/…` from our own static files; anything else stops the drawing."""
    scheme, _, path = url.partition(":/")
    root = (settings.BASE_DIR / "static").resolve()
    file = (root / path).resolve()
    if scheme != "static" or not file.is_relative_to(root) or not file.is_file():
        raise FatalURLFetchingError(f"A document may use our own static files only, not {url}")
    return URLFetcherResponse(url, file.read_bytes())
