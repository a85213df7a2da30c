"""Stops of the service: suspended for reasons that the terms list, paused, interrupted, and resumed."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from contracts.correspondence import contract_mails as mail
from contracts.correspondence import letters
from contracts.deciding.guards import ensure_listed, field_error, locked_contract
from contracts.lifecycle.grounds import ensure_so
from contracts.models import Contract, Suspension, TermsVersion
from contracts.policies.rulebooks import governing_version, rulebook_for
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.stop import Stop
from contracts.rules.stored import to_stored
from contracts.wording.formats import day_text
from portal.audit.record import record
from portal.organisations.models import User

Kind = Suspension.Kind
SUSPENDED = (Kind.SUSPENSION, Kind.UNTIL_PAID)


@transaction.atomic
def suspend(
    contract: Contract,
    staff: User,
    reason_key: str,
    starts_on: date,
    ends_on: date | None,
    note: str,
    *,
    until_paid: bool = False,
    product: str = "",
    urgent: str = "",
    at: datetime | None = None,
) -> Suspension:
    """Stop the service, or one option, from a day to a last day, and tell the customer now, at a moment.

    It begins no earlier than the customer is told, unless `urgent` says why that could not wait.
    Without a last day it lasts as long as the terms allow at most, or until it is lifted; with `until_paid`,
    where the terms know that, until the debt is paid. The terms in force on the first day govern. Where the
    customer is told beforehand in principle, a stop on this day, too, needs `urgent`.
    ValidationError names `reason`, `starts_on`, `ends_on`, `product`, `urgent` or `until_paid`.
    """
    moment = at or timezone.now()
    current = locked_contract(contract)
    _ensure_told_first(starts_on, japan_date(moment), urgent)
    version = _governing(current, starts_on)
    rule = version.policy.suspension
    if rule is None:
        raise ValidationError(_("The terms don't provide for a suspension."), code="not_provided")
    ensure_listed("reason", reason_key, rule.reasons)
    reason = next(one for one in rule.reasons if one.key == reason_key)
    ensure_so("reason", reason, current, starts_on)
    if reason.told_beforehand and starts_on <= japan_date(moment) and not urgent.strip():
        message = _(
            "The customer is told beforehand in principle. Choose a later day, or say why it is urgent."
        )
        raise field_error("urgent", message, "beforehand")
    if until_paid and ends_on:
        raise ValidationError({"ends_on": _("A suspension until paid has no last day.")})
    _check_days(current, product, starts_on, ends_on)
    decision = rulebook_for(version).suspension(reason_key, starts_on, ends_on, until_paid=until_paid)
    _ensure_allowed(decision)
    kind = Kind.UNTIL_PAID if until_paid else Kind.SUSPENSION
    said = "\n".join(filter(None, (note.strip(), urgent.strip())))
    return _stopped(current, staff, kind, reason_key, said, product, decision, version)


@transaction.atomic
def pause(
    contract: Contract,
    staff: User,
    reason_key: str,
    starts_on: date,
    ends_on: date | None,
    note: str,
    *,
    product: str = "",
) -> Suspension:
    """Pause the service, or one option, for a reason on the provider's side, and tell the customer.

    ValidationError names `reason`, `starts_on`, `ends_on` or `product`.
    """
    current = locked_contract(contract)
    version = _governing(current, starts_on)
    rule = version.policy.pause
    if rule is None:
        raise ValidationError(_("The terms don't provide for a pause."), code="not_provided")
    ensure_listed("reason", reason_key, rule.reasons)
    _check_days(current, product, starts_on, ends_on)
    decision = rulebook_for(version).pause(reason_key, starts_on, ends_on)
    return _stopped(current, staff, Kind.PAUSE, reason_key, note, product, decision, version)


def _ensure_told_first(starts_on: date, today: date, urgent: str) -> None:
    if starts_on < today and not urgent.strip():
        message = _(
            "A suspension begins no earlier than the customer is told of it; that is today. If it was"
            " urgent, say why."
        )
        raise field_error("starts_on", message, "told_first")


def _governing(contract: Contract, day: date) -> TermsVersion:
    return governing_version(contract, day)


def _check_days(contract: Contract, product: str, starts_on: date, ends_on: date | None) -> None:
    ensure_runs(contract, starts_on, "starts_on")
    if ends_on and ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last day lies before the first.")})
    if product and product not in contract.items_on(starts_on):
        raise ValidationError({"product": _("The contract doesn't contain this product on that day.")})


def _ensure_allowed(decision: Stop) -> None:
    if decision.outcome == "accepted":
        return
    if decision.longest_ends_on is None:
        raise ValidationError({"until_paid": _("The terms know no suspension until paid for this reason.")})
    message = _("The terms allow a suspension until %(day)s at most.")
    raise ValidationError({"ends_on": message % {"day": day_text(decision.longest_ends_on)}})


def _stopped(
    contract: Contract,
    staff: User,
    kind: Suspension.Kind,
    reason_key: str,
    note: str,
    product: str,
    decision: Stop,
    version: TermsVersion,
) -> Suspension:
    further = "" if kind == Kind.PAUSE else reason_key
    ensure_free(contract, product, decision.starts_on, decision.ends_on, "starts_on", further)
    stop = Suspension.objects.create(
        contract=contract,
        kind=kind,
        product=product,
        reason=reason_key,
        note=note.strip(),
        starts_on=decision.starts_on,
        ends_on=decision.ends_on,
        decision=to_stored(decision),
        terms_version=version,
    )
    letter = letters.on_stop(stop, timezone.now())
    mail.service_stopped(stop.pk, letter.pk)
    record(
        "contract.paused" if kind == Kind.PAUSE else "contract.suspended",
        staff,
        contract,
        suspension=stop.pk,
        kind=kind,
        product=product,
        reason=reason_key,
        starts_on=decision.starts_on,
        ends_on=decision.ends_on,
        articles=decision.articles,
        personal={"note": note},
    )
    return stop


def ensure_runs(contract: Contract, day: date, field: str) -> None:
    """ValidationError on the field unless the service runs on a day."""
    begun = contract.service_starts_on is not None and contract.service_starts_on <= day
    if not begun or (contract.ends_on and contract.ends_on < day):
        raise ValidationError({field: _("The service doesn't run on that day.")})


def ensure_free(
    contract: Contract, product: str, starts_on: date, ends_on: date | None, field: str, reason: str = ""
) -> None:
    """ValidationError on the field where the service, or the option, is stopped within that time already.

    A further `reason` for a suspension stands beside those for which it is suspended.
    """
    others = contract.suspensions.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on))
    others = others.filter(product__in=["", product]) if product else others.filter(product="")
    if ends_on:
        others = others.filter(starts_on__lte=ends_on)
    if reason:
        others = others.exclude(~Q(reason=reason), kind__in=SUSPENDED)
    if others.exists():
        raise ValidationError({field: _("The service is already suspended in that time.")})


@transaction.atomic
def lift_suspension(
    suspension: Suspension, actor: User, last_day: date, *, at: datetime | None = None
) -> Suspension:
    """End a suspension, pause or interruption earlier, and tell the customer if the service goes on then.

    `last_day` is the last day on which the service is stopped. ValidationError (`ends_on`) for a day before
    its first or after its last day.
    """
    contract = locked_contract(suspension.contract)
    current = contract.suspensions.get(pk=suspension.pk)
    if last_day < current.starts_on:
        raise ValidationError({"ends_on": _("The last day lies before the first.")})
    if current.ends_on and last_day > current.ends_on:
        message = _("The suspension already ends on %(day)s.")
        raise ValidationError({"ends_on": message % {"day": day_text(current.ends_on)}})
    before, current.ends_on, current.lifted_at = current.ends_on, last_day, at
    current.save()
    if not _is_stopped_otherwise(current, last_day + timedelta(days=1)):
        mail.service_resumes(current.pk)
    record(
        "contract.suspension_lifted", actor, contract, suspension=current.pk, before=before, ends_on=last_day
    )
    return current


def _is_stopped_otherwise(lifted: Suspension, day: date) -> bool:
    """Whether what was stopped stays so on a day, for another reason."""
    others = lifted.contract.suspensions.exclude(pk=lifted.pk).filter(product__in=["", lifted.product])
    return any(stop.covers(day) for stop in others)
