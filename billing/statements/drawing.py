"""Drawing the statements of account that were asked for. A long one takes minutes: no page waits for it."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.documents.letters import digest, render_statement
from billing.models import StatementOfAccount
from billing.runs.leases import free, renewed, take
from billing.statements.content import statement
from portal.installation.health import Trouble
from portal.kept_files import DamagedFileError, read_checked, store
from portal.organisations.models import User
from portal.staffing.reach import within

AGAIN_AFTER = timedelta(minutes=5)
"""How long one that could not be drawn is left alone."""


def statements_to_draw() -> QuerySet[StatementOfAccount]:
    """Those that wait, and that nobody draws."""
    return StatementOfAccount.objects.filter(free(), drawn_at__isnull=True)


def draw_statement(pk: int, worker: str) -> None:
    """Draw a statement and keep it; nothing where somebody else does.

    What stops it is kept with the row, for staff, and raised.
    """
    lease = take(statements_to_draw(), pk, worker)
    if lease is None:
        return
    asked = StatementOfAccount.objects.select_related("provider", "organisation").get(pk=pk)
    try:
        with renewed(lease):
            _draw(asked)
    except Exception as trouble:
        _put_off(asked, trouble)
        raise


def _draw(asked: StatementOfAccount) -> None:
    """The same document is kept once: the file comes first, its name after it."""
    document = statement(asked.provider, asked.organisation, asked.from_day, asked.to_day)
    document_hash = digest(document)
    name = f"statements/{asked.provider.code}/{document_hash[:32]}.pdf"
    _this(asked).update(
        document_hash=document_hash,
        pdf=name,
        pdf_hash=_kept(document_hash) or store(name, render_statement(document)),
        drawn_at=timezone.now(),
        trouble="",
        worker="",
        leased_until=None,
    )


def _kept(document_hash: str) -> str | None:
    """The hash of the file of such a document, where there is one as it was stored."""
    same = StatementOfAccount.objects.filter(document_hash=document_hash).first()
    if same is None:
        return None
    try:
        read_checked(str(same.pdf), same.pdf_hash)
    except DamagedFileError:
        return None
    return same.pdf_hash


def _put_off(asked: StatementOfAccount, trouble: Exception) -> None:
    text = f"{type(trouble).__name__}: {trouble}"
    _this(asked).update(trouble=text[:1000], worker="", leased_until=timezone.now() + AGAIN_AFTER)


def _this(asked: StatementOfAccount) -> QuerySet[StatementOfAccount]:
    """Its row, until somebody has drawn it."""
    return StatementOfAccount.objects.filter(pk=asked.pk, drawn_at__isnull=True)


def undrawn_trouble(staff: User) -> Trouble | None:
    """What the first page of staff says of statements that could not be drawn; None where there are none."""
    stopped = within(staff, StatementOfAccount.objects.filter(drawn_at__isnull=True).exclude(trouble=""))
    count = stopped.count()
    if not count:
        return None
    text = ngettext(
        "A statement of account could not be drawn and will be tried again: %(trouble)s",
        "%(count)s statements of account could not be drawn and will be tried again: %(trouble)s",
        count,
    )
    advice = _("Customers wait for them. Please tell whoever runs the portal what stands here.")
    return Trouble(text % {"count": count, "trouble": stopped[0].trouble}, advice)
