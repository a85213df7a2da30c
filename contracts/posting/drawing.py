"""Drawing a print file: a cover sheet for each envelope, its address in the window, and what goes with it."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from pypdf import PageObject, PdfReader, PdfWriter

from contracts.models import PostedMail, Posting
from contracts.rules.calendar.period import japan_date
from contracts.wording.formats import day_text
from portal.kept_files import store
from portal.outbox.attachments import KeptFile, attachments_of
from portal.outbox.kinds import Addressee, NotYetError, kind_of
from portal.outbox.models import Mail
from portal.outbox.secrets import PLACE
from portal.pdf import write_pdf

LEASE = timedelta(minutes=30)
"""So long one process has a file to itself."""

AGAIN_AFTER = timedelta(minutes=5)
"""How long one that could not be drawn is left alone."""


@dataclass(frozen=True)
class Envelope:
    """What goes to one address: the things in the order in which they were written."""

    to: Addressee
    things: tuple[PostedMail, ...]


def postings_to_draw() -> QuerySet[Posting]:
    """Those that wait, and that nobody draws."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=timezone.now())
    return Posting.objects.filter(free, drawn_at__isnull=True, discarded_at__isnull=True)


def draw_posting(pk: int) -> None:
    """Draw a print file and keep it; nothing where somebody else does.

    What stops it is kept with the row, for staff, and raised.
    """
    now = timezone.now()
    if not postings_to_draw().filter(pk=pk).update(leased_until=now + LEASE):
        return
    posting = Posting.objects.select_related("provider").get(pk=pk)
    try:
        _draw(posting, now)
    except Exception as trouble:
        text = f"{type(trouble).__name__}: {trouble}"[:1000]
        _undrawn(pk).update(trouble=text, leased_until=timezone.now() + AGAIN_AFTER)
        raise


def _undrawn(pk: int) -> QuerySet[Posting]:
    return Posting.objects.filter(pk=pk, drawn_at__isnull=True, discarded_at__isnull=True)


def _draw(posting: Posting, at: datetime) -> None:
    if not posting.reprint_of_id:
        _write(posting, at)
    envelopes = _envelopes(posting)
    writer = PdfWriter()
    for number, envelope in enumerate(envelopes, start=1):
        _add(writer, posting, envelope, number, at)
    pages = len(writer.pages)
    drawn = {"drawn_at": at, "envelopes": len(envelopes), "pages": pages, "trouble": "", "leased_until": None}
    if pages:
        writer.compress_identical_objects()
        writer.metadata = {"/Title": posting.number}
        content = BytesIO()
        writer.write(content)
        name = f"postings/{posting.provider.code}/{posting.number}.pdf"
        drawn |= {"pdf": name, "pdf_hash": store(name, content.getvalue())}
    _undrawn(posting.pk).update(**drawn)


def _write(posting: Posting, at: datetime) -> None:
    """Have all that goes out say what is so now; what is over, or can't be said today, stays out."""
    for thing in posting.contents.select_related("mail__organisation"):
        mail = thing.mail
        if mail.taken_at or mail.closed_at or kind_of(mail.kind).is_over(mail):
            with transaction.atomic():
                thing.delete()
                Mail.objects.to_post().filter(pk=mail.pk).let_be(at)
            continue
        try:
            written = kind_of(mail.kind).write(mail, at)
        except NotYetError:
            thing.delete()
            continue
        mail.subject, mail.text = written.subject, written.text
        mail.attachments = [file.to_json() for file in written.attachments]
        mail.data = mail.data if written.data is None else written.data
        mail.save(update_fields=["subject", "text", "attachments", "data"])


def _envelopes(posting: Posting) -> list[Envelope]:
    """By postal code and name, as the post sorts them; what goes to one address is in one envelope."""
    things: dict[tuple[str, str, tuple[str, ...]], list[PostedMail]] = {}
    for thing in posting.contents.select_related("mail__organisation").order_by("mail"):
        to = kind_of(thing.mail.kind).addressee(thing.mail)
        if to:
            things.setdefault((to.postal_code, to.name, to.lines), []).append(thing)
    return [
        Envelope(Addressee(name, code, lines), tuple(things[code, name, lines]))
        for code, name, lines in sorted(things)
    ]


def _add(writer: PdfWriter, posting: Posting, envelope: Envelope, number: int, at: datetime) -> None:
    """The pages of one envelope: its cover sheet, then what goes with it."""
    enclosed = [(thing, _pages(attachments_of(thing.mail))) for thing in envelope.things]
    sheets = sum(len(pages) for _thing, pages in enclosed)
    cover = _pages_in(_cover(posting, envelope, number, enclosed, sheets, at))
    for page in (*cover, *(page for _thing, pages in enclosed for page in pages)):
        writer.add_page(page)
    for thing, pages in enclosed:
        PostedMail.objects.filter(pk=thing.pk).update(envelope=number, pages=len(pages))


def _pages(files: Iterable[KeptFile]) -> list[PageObject]:
    return [page for file in files for page in _pages_in(file.content())]


def _pages_in(content: bytes) -> list[PageObject]:
    return list(PdfReader(BytesIO(content)).pages)


def _cover(
    posting: Posting,
    envelope: Envelope,
    number: int,
    enclosed: list[tuple[PostedMail, list[PageObject]]],
    sheets: int,
    at: datetime,
) -> bytes:
    """The sheet whose address shows in the window; what has no file of its own is said on it."""
    with override("ja"):
        html = render_to_string(
            "pdf/cover.html",
            {
                "to": envelope.to,
                "provider": posting.provider.on(japan_date(at)),
                "day": day_text(japan_date(at)),
                "day_iso": japan_date(at).isoformat(),
                "enclosed": [
                    {"what": _what(thing.mail), "number": thing.mail.number, "pages": len(pages)}
                    for thing, pages in enclosed
                    if pages
                ],
                "said": [
                    {"subject": thing.mail.subject, "text": _printable(thing.mail.text)}
                    for thing, pages in enclosed
                    if not pages
                ],
                "mark": f"{posting.number}-{number:04}",
                "sheets": sheets,
                "reprint": posting.reprint_of_id is not None,
            },
        )
    return write_pdf(html, stylesheet="css/pdf/cover.css", identifier=hashlib.sha256(html.encode()).digest())


def _what(mail: Mail) -> str:
    return mail.subject or str(kind_of(mail.kind).label)


def _printable(text: str) -> str:
    """The text of an e-mail on paper: without the addresses of pages, and without what is secret."""
    plain = text.replace(PLACE, _("(you are told this separately)"))
    return "\n".join(_without_addresses(plain.splitlines()))


def _without_addresses(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if not line.strip().startswith(("http://", "https://")):
            yield line
