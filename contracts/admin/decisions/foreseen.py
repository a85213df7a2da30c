"""What will go out when staff decide, before they do; and what went out once they have."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from contracts.applications.reviews import Reviewed
from contracts.correspondence.written import mails_about
from contracts.models import IssuedLetter
from portal.organisations.models import Organisation, User
from portal.outbox.kinds import kind_of, mails_seen_by
from portal.outbox.models import Mail

GOES_OUT = _("What goes out")


class _TakenBackError(Exception):
    """Ends the rehearsal of a decision."""


def what_goes_out(organisation: Organisation, decide: Callable[[], object]) -> list[tuple[Any, Any]]:
    """The letters and e-mails to a customer that a decision sends, as a row of facts.

    It is carried out, and taken back. ValidationError where it can't be.
    """
    shown = SafeString()
    try:
        with transaction.atomic():
            mails = Mail.objects.filter(organisation=organisation).order_by("-pk")
            letters = IssuedLetter.objects.filter(organisation=organisation).order_by("-pk")
            before = _latest(mails), _latest(letters)
            decide()
            shown = _shown(mails.filter(pk__gt=before[0]), letters.filter(pk__gt=before[1]))
            raise _TakenBackError
    except _TakenBackError:
        return [(GOES_OUT, shown)]


def goes_out_or_why_not(organisation: Organisation, decide: Callable[[], object]) -> list[tuple[Any, Any]]:
    """The same for a page that asks for nothing more: in its place, what stands against the decision."""
    try:
        return what_goes_out(organisation, decide)
    except ValidationError as problem:
        text = render_to_string("admin/contracts/_again.html", {"problems": problem.messages})
        return [(_("Stands against it"), text)]


def _latest(rows: Any) -> int:
    found: int | None = rows.values_list("pk", flat=True).first()
    return found or 0


def _shown(mails: Any, letters: Any) -> SafeString:
    said = [(mail, kind_of(mail.kind).foresee(mail, now())) for mail in mails.order_by("pk")]
    drafted = [letter for _mail, one in said for letter in one.letters]
    context = {"mails": said, "letters": [*letters.order_by("pk"), *drafted]}
    return render_to_string("admin/contracts/_goes_out.html", context)


def went_out(asked: Reviewed, staff: User) -> dict[str, Any]:
    """The letters and e-mails that followed from a decision, as far as staff may see them."""
    if asked.decided_at is None:
        return {}
    mails = mails_about(asked).filter(mails_seen_by(staff), created_at__gte=asked.decided_at)
    letters = asked.letters.filter(issued_at__gte=asked.decided_at)
    return {"sent": list(mails.order_by("pk")[:10]), "issued": list(letters)}
