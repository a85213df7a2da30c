"""What is to be drawn, and how WeasyPrint draws it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from typing import Any

from django.conf import settings
from weasyprint import CSS, HTML, Attachment
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcherResponse

from portal.pdf.rare_class import needs_rare_names

BASE_URL = "static:/"
_RARE_NAMES = "css/pdf/rare-names.css"


@dataclass(frozen=True)
class EmbeddedFile:
    """A file that a PDF carries; `relationship` says what it is to the page (ISO 32000-2, 7.11.3)."""

    name: str
    content: bytes
    description: str
    made_at: datetime
    relationship: str


@dataclass(frozen=True)
class Drawing:
    """A page in HTML, the path of its style sheet below `static/`, and what else the file states."""

    html: str
    stylesheet: str
    identifier: bytes
    variant: str | None
    files: Sequence[EmbeddedFile]

    def render(self, page: HTML | None = None) -> Document:
        """The laid out page; `page` is the HTML where it is read already."""
        styles, fonts = _styles(self.stylesheet, needs_rare_names(self.html))
        page = page or HTML(string=self.html, url_fetcher=own_static_file, base_url=BASE_URL)
        return page.render(font_config=fonts, stylesheets=styles, pdf_variant=self.variant)

    def finish(self, document: Document, **options: Any) -> bytes:
        """The file of a laid out page."""
        target = BytesIO()
        document.write_pdf(
            target,
            pdf_identifier=self.identifier[:16],
            pdf_tags=True,
            pdf_variant=self.variant,
            attachments=[_attachment(file) for file in self.files],
            **options,
        )
        return target.getvalue()


def own_static_file(url: str) -> URLFetcherResponse:
    """Serve `static:/…` from our own static files; anything else stops the drawing."""
    scheme, _, path = url.partition(":/")
    root = (settings.BASE_DIR / "static").resolve()
    file = (root / path).resolve()
    if scheme != "static" or not file.is_relative_to(root) or not file.is_file():
        raise FatalURLFetchingError(f"A document may use our own static files only, not {url}")
    return URLFetcherResponse(url, file.read_bytes())


@cache
def _styles(stylesheet: str, rare_names: bool) -> tuple[list[CSS], FontConfiguration]:
    """Style sheets and fonts, read once a process: reading the fonts takes longer than a page.

    The typeface of rare names is there for the pages alone that need it.
    """
    fonts = FontConfiguration()
    sheets = (stylesheet, _RARE_NAMES) if rare_names else (stylesheet,)
    texts = [(settings.BASE_DIR / "static" / sheet).read_text(encoding="utf-8") for sheet in sheets]
    styles = [
        CSS(string=text, font_config=fonts, url_fetcher=own_static_file, base_url=BASE_URL) for text in texts
    ]
    return styles, fonts


def _attachment(file: EmbeddedFile) -> Attachment:
    return Attachment(
        file_obj=BytesIO(file.content),
        name=file.name,
        description=file.description,
        created=file.made_at,
        modified=file.made_at,
        relationship=file.relationship,
    )
