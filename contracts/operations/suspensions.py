"""Suspension of the service by the provider, for reasons that the terms list."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from contracts.formats import day_text
from contracts.models import Contract, Suspension
from contracts.operations.checks import ensure_listed, locked_contract
from contracts.operations.rulebooks import version_in_force
from contracts.rules.period import period_end
from contracts.rules.stop import SuspensionRule
from portal.audit.record import record
from portal.organisations.models import User


@transaction.atomic
def suspend(
    contract: Contract, staff: User, reason_key: str, starts_on: date, ends_on: date | None, note: str
) -> Suspension:
    """Stop the service from a day to a last day; without one until the terms' longest time, or until lifted.

    The terms in force on the first day govern. ValidationError names `reason`, `starts_on` or `ends_on`.
    """
    current = locked_contract(contract)
    rule = _rule(current, starts_on)
    ensure_listed("reason", reason_key, rule.reasons)
    _check_runs(current, starts_on)
    last_day = _last_day(rule, starts_on, ends_on)
    _check_free(current, starts_on, last_day)
    suspension = Suspension.objects.create(
        contract=current, reason=reason_key, note=note.strip(), starts_on=starts_on, ends_on=last_day
    )
    record(
        "contract.suspended",
        staff,
        current,
        reason=reason_key,
        note=note,
        starts_on=starts_on,
        ends_on=last_day,
        articles=rule.article,
    )
    return suspension


def _rule(contract: Contract, day: date) -> SuspensionRule:
    version = version_in_force(contract.service, day) or contract.contracted_version
    if version.policy.suspension is None:
        raise ValidationError(_("The terms don't provide for a suspension."), code="not_provided")
    return version.policy.suspension


def _check_runs(contract: Contract, starts_on: date) -> None:
    begun = contract.service_starts_on is not None and contract.service_starts_on <= starts_on
    if not begun or (contract.ends_on and contract.ends_on < starts_on):
        raise ValidationError({"starts_on": _("The service doesn't run on that day.")})


def _last_day(rule: SuspensionRule, starts_on: date, ends_on: date | None) -> date | None:
    if ends_on and ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last day lies before the first.")})
    if rule.max_months is None:
        return ends_on
    longest = period_end(starts_on, rule.max_months)
    if ends_on and ends_on > longest:
        message = _("The terms allow a suspension until %(day)s at most.")
        raise ValidationError({"ends_on": message % {"day": day_text(longest)}})
    return ends_on or longest


def _check_free(contract: Contract, starts_on: date, ends_on: date | None) -> None:
    open_or_later = Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on)
    others = contract.suspensions.filter(open_or_later)
    if ends_on:
        others = others.filter(starts_on__lte=ends_on)
    if others.exists():
        raise ValidationError({"starts_on": _("The service is already suspended in that time.")})


@transaction.atomic
def lift_suspension(suspension: Suspension, staff: User, last_day: date) -> Suspension:
    """End a suspension earlier; `last_day` is the last day on which the service is stopped.

    ValidationError (`ends_on`) for a day before its first or after its last day.
    """
    contract = locked_contract(suspension.contract)
    current = contract.suspensions.get(pk=suspension.pk)
    if last_day < current.starts_on:
        raise ValidationError({"ends_on": _("The last day lies before the first.")})
    if current.ends_on and last_day > current.ends_on:
        message = _("The suspension already ends on %(day)s.")
        raise ValidationError({"ends_on": message % {"day": day_text(current.ends_on)}})
    before, current.ends_on = current.ends_on, last_day
    current.save()
    record(
        "contract.suspension_lifted", staff, contract, suspension=current.pk, before=before, ends_on=last_day
    )
    return current
