"""A run's way from its calculation through the approval of a second person to its end, done or cancelled."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.invoicing.pdfs import without_pdf
from billing.models import BillingRun
from billing.runs.chunks import Unbilled, unbilled
from billing.runs.preview import SHOWN, Preview, preview
from billing.runs.preview_lines import KeptLines, changed_lines, forget_lines
from contracts.models import Provider
from contracts.rules.calendar.period import Month
from contracts.wording.formats import yen_text
from portal.approvals.models import Proposal
from portal.approvals.second_person import rule_of
from portal.audit.record import record
from portal.installation.holding import ensure_free
from portal.organisations.independence import are_independent, ensure_independent
from portal.organisations.models import User
from portal.staffing.reach import works_for

Status = BillingRun.Status
_UNDER_WAY = (Status.APPROVED, Status.ISSUING)


class StoppedError(Exception):
    """The run took another turn while it was calculated: somebody cancelled it or began anew."""


def begin(
    provider: Provider, month: Month, issued_on: date, staff: User, *, sends_mail: bool = True
) -> BillingRun:
    """Have a month calculated (see `calculate`); that takes the place of an earlier preview.

    Raises ValidationError while a run of the month is under way, and once it is done for every contract; and
    HeldBackError.
    """
    ensure_free()
    with transaction.atomic():
        run, _created = BillingRun.objects.select_for_update().get_or_create(
            provider=provider,
            month=month.first,
            defaults={"issued_on": issued_on, "started_at": timezone.now(), "status": Status.CALCULATING},
        )
        if run.status in _UNDER_WAY and not run.waits_for_correction:
            raise ValidationError(_("The run of this month is under way. Cancel it first."), code="under_way")
        if run.status == Status.DONE and not unbilled(provider, month).exists():
            raise ValidationError(_("Every contract of this month is billed already."), code="billed")
        run.status, run.issued_on, run.sends_mail = Status.CALCULATING, issued_on, sends_mail
        run.started_by, run.started_at = staff, timezone.now()
        run.approved_by = run.approved_at = run.issued_at = run.finished_at = None
        run.without_second = ""
        run.preview, run.calculation, run.problems, run.trouble = {}, None, [], ""
        forget_lines(run)
        run.contracts_done, run.contracts_all = 0, unbilled(provider, month).count()
        run.worker, run.leased_until = "", None
        run.save()
        _record("billing_run.begun", staff, run)
    return run


def calculate(run: BillingRun, after_chunk: Callable[[], None] = lambda: None) -> BillingRun:
    """Calculate a run that was begun, and keep what it would do for those who submit and approve it.

    Stores how far it is. Where every invoice of the month is issued already, the run is done. Raises
    StoppedError if the run was cancelled, or begun anew, meanwhile.
    """
    lines = KeptLines(run)
    found = preview(run.provider, run.billed_month, run.issued_on, _noting(run, after_chunk), lines.add)
    with transaction.atomic():
        current = _locked(run)
        _check_same(current, run)
        current.status, current.trouble = Status.CALCULATED, ""
        current.preview, current.calculation = _stated(found, lines), lines.calculation
        if found.leaves_nothing:
            current.status, current.issued_at = Status.ISSUING, timezone.now()
        current.save(update_fields=["status", "preview", "calculation", "trouble", "issued_at"])
        forget_lines(current, but=lines.calculation)
    return settle(current)


def submit(run: BillingRun, staff: User) -> BillingRun:
    """Put a calculated run to a second person for approval.

    Raises ValidationError where it isn't calculated, where it has nothing to issue, and where sales agents
    lack prices or an account (`unready_agents`); and HeldBackError.
    """
    ensure_free()
    with transaction.atomic():
        current = _locked(run)
        if current.status != Status.CALCULATED:
            raise ValidationError(_("This run doesn't wait to be submitted."), code="not_calculated")
        total = current.preview["rows"][-1]
        if not current.issues_something:
            raise ValidationError(_("There is nothing to issue for this month."), code="nothing")
        if lacking := current.preview.get("unready_agents"):
            text = _("Enter what is missing, then calculate again: %(missing)s")
            raise ValidationError(text, "unready_agents", {"missing": " ".join(lacking)})
        current.status, current.started_by, current.trouble = Status.PREVIEWED, staff, ""
        current.save(update_fields=["status", "started_by", "trouble"])
        record(
            "billing_run.submitted",
            staff,
            current,
            provider=current.provider.code,
            month=str(current.billed_month),
            issued_on=current.issued_on.isoformat(),
            count=total["count"],
            gross=total["gross"],
        )
    return current


def approve(run: BillingRun, staff: User, *, seen_hash: str | None = None) -> BillingRun:
    """Let a run be issued, provided that it still would issue what its preview says (see `confirm`).

    `seen_hash` is the `preview_hash` of what staff had before them. Raises ValidationError for who submitted
    it (`same_person`, `not_confirmed`), unless the provider lets one person decide; where it doesn't wait for
    that, and where something else than that waits by now; and HeldBackError.
    """
    ensure_free()
    with transaction.atomic():
        current = _locked(run)
        current.without_second = _spared(current, staff)
        if seen_hash is not None and seen_hash != current.preview_hash:
            raise ValidationError(
                _("This run was calculated again meanwhile. Go back and look at the new preview."),
                code="not_seen",
            )
        current.status, current.approved_by, current.approved_at = Status.APPROVED, staff, timezone.now()
        current.contracts_done = 0
        current.contracts_all = unbilled(current.provider, current.billed_month).count()
        current.save(
            update_fields=[
                "status",
                "approved_by",
                "approved_at",
                "without_second",
                "contracts_done",
                "contracts_all",
            ]
        )
        _record(
            "billing_run.approved",
            staff,
            current,
            preview=current.preview_hash,
            without_second=current.without_second,
        )
    return current


def send_back(run: BillingRun, staff: User, comment: str) -> BillingRun:
    """Give a submitted run back, with a comment; it can be submitted again, or calculated anew.

    Raises ValidationError without a comment (`comment`), for who submitted it (`same_person`), and where it
    doesn't wait for approval.
    """
    if not comment.strip():
        raise ValidationError({"comment": _("Say what is to be changed.")})
    with transaction.atomic():
        current = _locked(run)
        _ensure_waits(current)
        if staff == current.started_by:
            raise ValidationError(_("You submitted this run: cancel it instead."), code="same_person")
        told = {"name": staff, "comment": comment.strip()}
        current.trouble = _("%(name)s sent it back: %(comment)s") % told
        current.status = Status.CALCULATED
        current.save(update_fields=["status", "trouble"])
        _record("billing_run.sent_back", staff, current, personal={"comment": comment.strip()})
    return current


def may_approve(run: BillingRun, staff: User) -> bool:
    """Whether somebody can be the second person to a run, or needs none."""
    first = run.started_by
    if not works_for(staff, run.provider.code):
        return False
    return first is None or rule_of(run.provider.code).alone or are_independent(staff, first)


def confirm(run: BillingRun, after_chunk: Callable[[], None] = lambda: None) -> bool:
    """Calculate an approved run once more, and let it be issued if that gives what was approved.

    Otherwise, false: it waits for approval again, with the new preview, which names the contracts that
    changed. Raises StoppedError if it was cancelled meanwhile.
    """
    lines = KeptLines(run)
    found = preview(run.provider, run.billed_month, run.issued_on, _noting(run, after_chunk), lines.add)
    with transaction.atomic():
        current = _locked(run)
        _check_same(current, run)
        if lines.digest == current.preview.get("digest"):
            current.status = Status.ISSUING
            current.save(update_fields=["status"])
            forget_lines(current, but=current.calculation)
            return True
        current.preview = _stated(found, lines) | _changes(current, lines)
        current.calculation, current.trouble = lines.calculation, _what_changed(current.preview)
        current.status, current.approved_by, current.approved_at = Status.PREVIEWED, None, None
        current.save(
            update_fields=["status", "approved_by", "approved_at", "preview", "calculation", "trouble"]
        )
        forget_lines(current, but=lines.calculation)
        _record("billing_run.changed", None, current, contracts=current.preview.get("changed_count"))
    return False


def is_to_confirm(run: BillingRun) -> bool:
    """Whether a run is to be calculated once more before it goes on.

    One that was approved; and one approved when the portal did not keep yet what each contract is charged.
    """
    return run.status == Status.APPROVED or (run.is_bound and run.calculation is None)


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
        forget_lines(current)
        _record("billing_run.cancelled", staff, current)
    return current


def note_issued(run: BillingRun, problems: list[Unbilled]) -> None:
    """Keep that a pass over the contracts came to its end, and which it could not bill."""
    same = BillingRun.objects.filter(pk=run.pk, started_at=run.started_at)
    same.filter(status__in=(Status.ISSUING, Status.DONE)).update(
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
            if done:
                forget_lines(current)
            _record("billing_run.finished" if done else "billing_run.reopened", staff, current)
    return current


def _is_something_left(run: BillingRun) -> bool:
    return run.chunks.filter(finished_at__isnull=True).exists() or without_pdf(run).exists()


def _noting(run: BillingRun, after_chunk: Callable[[], None]) -> Callable[[int], None]:
    """Stores after each chunk how far a calculation is, unless the run has taken another turn."""
    same = BillingRun.objects.filter(pk=run.pk, status=run.status, started_at=run.started_at)

    def note(done: int) -> None:
        if not same.update(contracts_done=done):
            raise StoppedError
        after_chunk()

    return note


def _check_same(current: BillingRun, run: BillingRun) -> None:
    if (current.status, current.started_at) != (run.status, run.started_at):
        raise StoppedError


def _ensure_waits(run: BillingRun) -> None:
    if run.status != Status.PREVIEWED:
        raise ValidationError(_("This run doesn't wait for approval."), code="not_waiting")


def _spared(run: BillingRun, staff: User) -> str:
    """Why somebody approves who is no second person; empty for who is one, ValidationError for others."""
    _ensure_waits(run)
    first = run.started_by
    if first is None or are_independent(staff, first):
        return ""
    if not rule_of(run.provider.code).alone:
        ensure_independent(staff, first)
    return Proposal.Without.ALONE


def _stated(found: Preview, lines: KeptLines) -> dict[str, Any]:
    """What is kept of a preview; by the digest its hash covers every line."""
    return {**found.as_json(), "digest": lines.digest}


def _changes(run: BillingRun, lines: KeptLines) -> dict[str, Any]:
    """The contracts that changed since what was approved; nothing where no lines of that are kept."""
    if run.calculation is None:
        return {}
    count, first = changed_lines(run, lines.calculation, SHOWN)
    return {"changed": [asdict(line) for line in first], "changed_count": count}


def _what_changed(stated: dict[str, Any]) -> str:
    """Why a run waits for approval again, with a preview that takes the place of another."""
    total = stated["rows"][-1]
    facts = {"count": f"{total['count']:,}", "gross": yen_text(total["gross"])}
    if "changed" not in stated:
        return (
            _(
                "This run was calculated when the portal did not yet keep what each contract is charged, and "
                "was calculated again: %(count)s invoices, %(gross)s. Please look at the new preview and "
                "approve that."
            )
            % facts
        )
    return _(
        "What would be issued has changed since the run was submitted: by now %(count)s invoices, %(gross)s. "
        "Contracts that changed: %(changed)s. Please look at the new preview and approve that."
    ) % {**facts, "changed": f"{stated['changed_count']:,}"}


def _locked(run: BillingRun) -> BillingRun:
    found = BillingRun.objects.select_for_update(of=("self",)).select_related("provider", "started_by")
    return found.get(pk=run.pk)


def _record(action: str, staff: User | None, run: BillingRun, **facts: Any) -> None:
    record(action, staff, run, provider=run.provider.code, month=str(run.billed_month), **facts)
