"""Asking for a statement of account: the row that says so is what workers look for."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import StatementOfAccount
from billing.statements.content import count_movements
from contracts.models import Provider
from portal.audit.record import record
from portal.organisations.acting import ensure_acts_for
from portal.organisations.members.rights import Right
from portal.organisations.models import Organisation, User

MOST_WAITING = 5
"""So many statements of one organisation may wait: a worker that draws them draws nobody's invoices."""

MOST_MOVEMENTS = 10_000
"""So many movements a statement lists: drawing them takes a worker a minute and 1.7 GB, all in one layout."""


@transaction.atomic
def ask_for_statement(
    provider: Provider, organisation: Organisation, from_day: date, to_day: date, person: User
) -> StatementOfAccount:
    """Have the statement of a time drawn; one of the same days that waits already is given instead.

    ValidationError where too many wait, (`to`) where there would be too much in it, and for members who may
    not ask for it (`not_acting`, `no_right`).
    """
    if not person.is_staff:
        ensure_acts_for(person, organisation, Right.BILLING)
    ensure_listable(provider, organisation, from_day, to_day)
    waiting = StatementOfAccount.objects.filter(organisation=organisation, drawn_at__isnull=True)
    days = {"provider": provider, "from_day": from_day, "to_day": to_day}
    if not waiting.filter(**days).exists() and waiting.count() >= MOST_WAITING:
        raise ValidationError(
            _("%(count)s statements are being made for you already. Please wait until one is ready.")
            % {"count": MOST_WAITING},
            code="too_many",
        )
    asked, created = waiting.get_or_create(
        **days, organisation=organisation, defaults={"asked_by": person, "asked_at": timezone.now()}
    )
    if created:
        record(
            "statement_of_account.asked",
            person,
            asked,
            provider=provider.code,
            from_day=from_day,
            to_day=to_day,
        )
    return asked


def ensure_listable(provider: Provider, organisation: Organisation, from_day: date, to_day: date) -> None:
    """ValidationError (`to`) where a statement of a time would have too much in it."""
    movements = count_movements(provider, organisation, from_day, to_day)
    if movements > MOST_MOVEMENTS:
        text = _("The statement would list %(count)s movements; at most %(most)s fit. Choose a shorter time.")
        numbers = {"count": f"{movements:,}", "most": f"{MOST_MOVEMENTS:,}"}
        raise ValidationError({"to": ValidationError(text % numbers, code="too_long")})
