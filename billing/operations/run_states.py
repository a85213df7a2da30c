"""A run's way from a preview through the approval of a second person; and its end before it is done."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import BillingRun
from billing.operations.preview import preview
from contracts.models import Provider
from contracts.rules.period import Month
from portal.audit.record import record
from portal.organisations.models import User

Status = BillingRun.Status
_UNDER_WAY = (Status.APPROVED, Status.ISSUING)


def submit(
    provider: Provider, month: Month, issued_on: date, staff: User, *, sends_mail: bool = True
) -> BillingRun:
    """Calculate a month and put it to a second person for approval; a new preview takes the old one's place.

    Raises ValidationError while a run of the month is under way, and where it has nothing to issue.
    """
    shown = preview(provider, month)
    if not shown.total.count:
        raise ValidationError(_("There is nothing to issue for this month."), code="nothing")
    with transaction.atomic():
        run, _created = BillingRun.objects.select_for_update().get_or_create(
            provider=provider,
            month=month.first,
            defaults={"issued_on": issued_on, "started_at": timezone.now(), "status": Status.PREVIEWED},
        )
        if run.status in _UNDER_WAY and not _waits_for_a_correction(run):
            raise ValidationError(_("The run of this month is under way. Cancel it first."), code="under_way")
        run.status, run.issued_on, run.sends_mail = Status.PREVIEWED, issued_on, sends_mail
        run.started_by, run.started_at = staff, timezone.now()
        run.approved_by = run.approved_at = run.issued_at = run.finished_at = None
        run.preview, run.problems, run.trouble = shown.as_json(), [], ""
        run.save()
        record(
            "billing_run.submitted",
            staff,
            run,
            provider=provider.code,
            month=str(month),
            issued_on=issued_on.isoformat(),
            count=shown.total.count,
            gross=shown.total.gross,
        )
    return run


def approve(run: BillingRun, staff: User) -> BillingRun:
    """Let a run be issued. Raises ValidationError for who submitted it, or where it doesn't wait for that."""
    with transaction.atomic():
        current = _locked(run)
        if current.status != Status.PREVIEWED:
            raise ValidationError(_("This run doesn't wait for approval."), code="not_waiting")
        if current.started_by == staff:
            raise ValidationError(
                _("You submitted this run: somebody else has to approve it."), code="same_person"
            )
        current.status, current.approved_by, current.approved_at = Status.APPROVED, staff, timezone.now()
        current.save(update_fields=["status", "approved_by", "approved_at"])
        _record("billing_run.approved", staff, current)
    return current


def cancel(run: BillingRun, staff: User) -> BillingRun:
    """Stop a run before its next chunk. What is issued stays, and its PDFs and e-mails are still made.

    Raises ValidationError where it is done or cancelled already.
    """
    with transaction.atomic():
        current = _locked(run)
        if current.status in (Status.DONE, Status.CANCELLED):
            raise ValidationError(_("This run has ended already."), code="ended")
        current.status = Status.CANCELLED
        current.save(update_fields=["status"])
        _record("billing_run.cancelled", staff, current)
    return current


def go_on(run: BillingRun, staff: User) -> BillingRun:
    """Look again at the contracts that could not be billed. Raises ValidationError where there are none."""
    with transaction.atomic():
        current = _locked(run)
        if not _waits_for_a_correction(current):
            raise ValidationError(_("No contract of this run waits for a correction."), code="no_problems")
        current.issued_at, current.problems = None, []
        current.save(update_fields=["issued_at", "problems"])
        _record("billing_run.continued", staff, current)
    return current


def _waits_for_a_correction(run: BillingRun) -> bool:
    return run.status == Status.ISSUING and bool(run.issued_at and run.problems)


def _locked(run: BillingRun) -> BillingRun:
    found = BillingRun.objects.select_for_update(of=("self",)).select_related("provider", "started_by")
    return found.get(pk=run.pk)


def _record(action: str, staff: User, run: BillingRun) -> None:
    record(action, staff, run, provider=run.provider.code, month=str(run.billed_month))
