"""Authorised users (認定利用者): stopped when a breach is not cured in time."""

from datetime import date, datetime, timedelta
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.correspondence.told_mails import breach_recorded, user_stopped
from contracts.deciding.guards import field_error, locked_contract
from contracts.models import AuthorisedUser, Contract, TermsVersion
from contracts.policies.rulebooks import governing_version, rulebook_for
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.termination import Termination
from contracts.wording.formats import day_text
from portal.audit.record import record
from portal.organisations.models import User


@transaction.atomic
def record_breach(user: AuthorisedUser, staff: User, breach_on: date, note: str) -> AuthorisedUser:
    """Record that an authorised user broke the rules on a day; the time to cure counts from there.

    The customer is told of it.
    ValidationError (`breach_on`) where a breach is recorded already, or for a day on which there was no use.
    """
    contract, current = _locked(user)
    if current.breach_on:
        raise field_error("breach_on", _("A breach is recorded already."), "already_done")
    if breach_on < current.starts_on or (current.ends_on and breach_on > current.ends_on):
        raise ValidationError({"breach_on": _("The user was not authorised on that day.")})
    current.breach_on, current.breach_note = breach_on, note.strip()
    current.save()
    record(
        "authorised_user.breach",
        staff,
        contract,
        user=current.pk,
        breach_on=breach_on,
        personal={"note": note.strip()},
    )
    _tell_of_breach(current, contract, breach_on)
    return current


def _tell_of_breach(user: AuthorisedUser, contract: Contract, breach_on: date) -> None:
    """Tell the customer, with the last day to cure by the ground whose time counts from a breach."""
    version = governing_version(contract, breach_on)
    rule = version.policy.termination
    ground = next((one for one in rule.grounds if one.since == "breach"), None) if rule else None
    cure_by = time_to_cure(contract, ground.key, breach_on, breach_on).cure_by if ground else None
    breach_recorded(user, version, ground, cure_by)


@transaction.atomic
def cure_breach(user: AuthorisedUser, staff: User, at: datetime) -> AuthorisedUser:
    """Record that the breach was cured. ValidationError where there is none."""
    contract, current = _locked(user)
    _ensure_breach(current)
    was, current.breach_on, current.breach_note = current.breach_on, None, ""
    current.save()
    record("authorised_user.breach_cured", staff, contract, user=current.pk, breach_on=was, at=at)
    return current


@transaction.atomic
def stop_authorised_user(user: AuthorisedUser, staff: User, ground_key: str, at: datetime) -> AuthorisedUser:
    """Stop an authorised user whose breach was not cured in time; the day before is the last one of use.

    `ground_key` is the ground for termination that rules the time to cure. ValidationError where there is no
    breach, no such ground, or still time to cure.
    """
    contract, current = _locked(user)
    _ensure_breach(current)
    today = japan_date(at)
    decision = time_to_cure(contract, ground_key, today, cast(date, current.breach_on))
    if decision.outcome == "refused":
        message = _("The breach can be cured until %(day)s.")
        raise ValidationError(
            message, code="too_early", params={"day": day_text(cast(date, decision.cure_by))}
        )
    last_day = max(current.starts_on, today - timedelta(days=1))
    current.ends_on = min(current.ends_on or last_day, last_day)
    current.save()
    record(
        "authorised_user.stopped",
        staff,
        contract,
        user=current.pk,
        ends_on=current.ends_on,
        articles=decision.articles,
        at=at,
    )
    version = governing_version(contract, today)
    if version.policy.termination:
        user_stopped(current, version, version.policy.termination.ground(ground_key))
    return current


def time_to_cure(
    contract: Contract,
    ground_key: str,
    on: date,
    since_on: date | None,
    *,
    told_on: date | None = None,
) -> Termination:
    """What the terms in force on a day say of a ground; ValidationError (`ground`) if not listed."""
    version = governing_version(contract, on)
    _ensure_ground(version, ground_key, since_on)
    return rulebook_for(version).termination(ground_key, on, since_on, told_on=told_on)


def _ensure_ground(version: TermsVersion, ground_key: str, since_on: date | None) -> None:
    rule = version.policy.termination
    grounds = {ground.key: ground for ground in rule.grounds} if rule else {}
    if ground_key not in grounds:
        raise field_error("ground", _("Choose a ground that the terms list."), "unknown_reason")
    if grounds[ground_key].since and since_on is None:
        raise field_error("since_on", _("Enter the day from which the time to cure counts."), "no_day")


def _ensure_breach(user: AuthorisedUser) -> None:
    if user.breach_on is None:
        raise ValidationError(_("No breach is recorded."), code="no_breach")


def _locked(user: AuthorisedUser) -> tuple[Contract, AuthorisedUser]:
    contract = locked_contract(user.contract)
    return contract, contract.authorised_users.get(pk=user.pk)
