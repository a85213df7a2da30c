"""A run's way from a preview through the approval of a second person to its end, done or cancelled."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import BillingRun
from billing.operations.chunks import Unbilled
from billing.operations.pdfs import without_pdf
from billing.operations.preview import preview
from contracts.formats import yen_text
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
    shown = preview(provider, month, issued_on)
    if not shown.total.count:
        raise ValidationError(_("There is nothing to issue for this month."), code="nothing")
    with transaction.atomic():
        run, _created = BillingRun.objects.select_for_update().get_or_create(
            provider=provider,
            month=month.first,
            defaults={"issued_on": issued_on, "started_at": timezone.now(), "status": Status.PREVIEWED},
        )
        if run.status in _UNDER_WAY and not run.waits_for_correction:
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
    """Let a run be issued.

    Raises ValidationError for who submitted it, where it doesn't wait for that, and where it would by now
    issue something else than its preview says.
    """
    _check_approvable(run, staff)
    now = preview(run.provider, run.billed_month).as_json()
    with transaction.atomic():
        current = _locked(run)
        _check_approvable(current, staff)
        if _amounts(now) != _amounts(current.preview):
            total = now["rows"][-1]
            raise ValidationError(
                _(
                    "What would be issued has changed since the preview: by now %(count)s invoices, "
                    "%(gross)s. Have the run submitted again."
                ),
                code="changed",
                params={"count": f"{total['count']:,}", "gross": yen_text(total["gross"])},
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


def note_issued(run: BillingRun, problems: list[Unbilled]) -> None:
    """Keep that a pass over the contracts came to its end, and which it could not bill."""
    BillingRun.objects.filter(pk=run.pk, status__in=(Status.ISSUING, Status.DONE)).update(
        issued_at=timezone.now(), problems=[asdict(problem) for problem in problems], trouble=""
    )


def settle(run: BillingRun, staff: User | None = None) -> BillingRun:
    """The run as it stands now: done when nothing is left to do, open otherwise."""
    with transaction.atomic():
        current = _locked(run)
        if current.status not in (Status.ISSUING, Status.DONE):
            return current
        done = bool(current.issued_at) and not current.problems and not _is_something_left(current)
        status = Status.DONE if done else Status.ISSUING
        if current.status != status:
            current.status = status
            current.finished_at = timezone.now() if done else None
            current.save(update_fields=["status", "finished_at"])
            _record("billing_run.finished" if done else "billing_run.reopened", staff, current)
    return current


def _is_something_left(run: BillingRun) -> bool:
    return run.chunks.filter(finished_at__isnull=True).exists() or without_pdf(run).exists()


def _check_approvable(run: BillingRun, staff: User) -> None:
    if run.status != Status.PREVIEWED:
        raise ValidationError(_("This run doesn't wait for approval."), code="not_waiting")
    if run.started_by_id == staff.pk:
        raise ValidationError(
            _("You submitted this run: somebody else has to approve it."), code="same_person"
        )


def _amounts(stated: dict[str, Any]) -> list[list[Any]]:
    """What a preview would issue: a row for each service, and the total."""
    wanted = ("service", "count", "net", "tax", "gross")
    return [[row[name] for name in wanted] for row in stated["rows"] if row["count"]]


def _locked(run: BillingRun) -> BillingRun:
    found = BillingRun.objects.select_for_update(of=("self",)).select_related("provider", "started_by")
    return found.get(pk=run.pk)


def _record(action: str, staff: User | None, run: BillingRun) -> None:
    record(action, staff, run, provider=run.provider.code, month=str(run.billed_month))
