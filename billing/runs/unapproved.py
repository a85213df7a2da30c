"""Billing on the server what no second person approved: in an emergency, recorded, told to all managers."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.differences.marks import changed_before
from billing.models import BillingRun
from billing.runs.chunks import unbilled
from billing.runs.preview import preview
from contracts.models import Provider
from contracts.rules.calendar.period import Month
from portal.approvals.mails import BrokenGlass, tell_of_broken_glass
from portal.approvals.models import Proposal
from portal.approvals.second_person import rule_of
from portal.audit.record import record
from portal.installation.holding import ensure_free
from portal.organisations.independence import MANAGES
from portal.organisations.models import User
from portal.outbox.kinds import Kind

Status = BillingRun.Status
RIGHT = "billing.change_billingrun"
BROKEN_GLASS = Kind(
    key="broken_glass_run",
    label=gettext_lazy("Billed without a second person"),
    model="billing.billingrun",
    right_to_settle=MANAGES,
)
BREAK_GLASS = Proposal.Without.BREAK_GLASS


def ensure_approved(provider: Provider, month: Month) -> None:
    """ValidationError (code `second_person`) where a month would be issued that nobody approved.

    HeldBackError. What was begun may go on. A run that is on its way to approval, or cancelled, is left to
    `bill` to refuse.
    """
    ensure_free()
    run = BillingRun.objects.filter(provider=provider, month=month.first).first()
    is_on_its_way = run is not None and run.status not in (Status.ISSUING, Status.DONE)
    was_begun = run is not None and (
        run.is_bound or (run.without_second == BREAK_GLASS and run.status == Status.ISSUING)
    )
    if is_on_its_way or was_begun or rule_of(provider.code).alone or not unbilled(provider, month).exists():
        return
    raise ValidationError(
        _(
            "Nobody approved %(month)s of %(provider)s. Bill it in the admin; in an emergency say who answers"
            " for it and why, with --by and --reason: all managers are told."
        )
        % {"month": month, "provider": provider.name},
        "second_person",
    )


def ensure_answered_for(provider: Provider, month: Month) -> None:
    """ValidationError (code `nobody`) where customers would pay more for earlier months, and nobody says yes.

    Approving a run is that yes, and so is beginning it where one person decides.
    """
    run = BillingRun.objects.filter(provider=provider, month=month.first).first()
    if run is not None and (run.is_bound or run.started_by_id):
        return
    changed = unbilled(provider, month).filter(changed_before(month))
    if changed.exists() and any(one.amount > 0 for one in preview(provider, month).corrections):
        raise ValidationError(
            _(
                "%(month)s of %(provider)s would charge customers more for earlier months. See the preview,"
                " and say with --by who answers for it."
            )
            % {"month": month, "provider": provider.name},
            "nobody",
        )


@transaction.atomic
def break_glass(
    provider: Provider, month: Month, issued_on: date, staff: User, reason: str, at: datetime
) -> BillingRun:
    """Let a month be issued without the approval of a second person; `bill` then issues it.

    `staff` answers for it. All managers are told by e-mail. ValidationError without a reason;
    PermissionDenied without the right to bill.
    """
    if not staff.has_perm(RIGHT):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    run, _created = BillingRun.objects.select_for_update().get_or_create(
        provider=provider, month=month.first, defaults={"issued_on": issued_on, "started_at": at}
    )
    run.status, run.started_by, run.without_second = Status.ISSUING, staff, BREAK_GLASS
    run.approved_by = run.approved_at = run.finished_at = None
    run.save()
    record(
        "billing_run.glass_broken",
        staff,
        run,
        provider=provider.code,
        month=str(month),
        personal={"reason": reason.strip()},
    )
    told = BrokenGlass(
        what=BillingRun._meta.verbose_name, about=str(run), by=str(staff), reason=reason.strip()
    )
    tell_of_broken_glass(BROKEN_GLASS, run, told, at)
    return run
