"""The provider's own notice that a contract is not renewed: it ends with its term."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.correspondence import contract_mails as mail
from contracts.correspondence import letters
from contracts.deciding.guards import locked_contract
from contracts.lifecycle.endings import settle_end
from contracts.lifecycle.items import end_contract
from contracts.models import Contract
from contracts.policies.rulebooks import governing_version, rulebook_for
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.cancellation import Cancellation
from contracts.rules.life.term import RenewalRule, is_term_end, next_term_end
from contracts.rules.stored import to_stored
from contracts.wording.formats import day_text
from portal.audit.record import record
from portal.organisations.models import User


def may_decline(contract: Contract, day: date) -> bool:
    """Whether the terms let the provider give such a notice, and the contract goes on without an end."""
    rule = governing_version(contract, day).policy.renewal
    goes_on = contract.service_starts_on is not None and contract.ends_on is None
    return goes_on and rule is not None and rule.by_provider is not None


def coming_term_ends(contract: Contract, at: datetime, number: int) -> list[date]:
    """The ends of terms that a notice given at a moment can still bring about, the first ones."""
    first = judge(contract, None, at).earliest_ends_on
    rule = cast(RenewalRule, governing_version(contract, japan_date(at)).policy.renewal)
    return list(islice(_terms_from(rule, first), number))


def _terms_from(rule: RenewalRule, term_ends_on: date) -> Iterator[date]:
    while True:
        yield term_ends_on
        term_ends_on = next_term_end(rule, term_ends_on)


def judge(contract: Contract, term_ends_on: date | None, at: datetime) -> Cancellation:
    """What a notice given at a moment leads to; without `term_ends_on` for the first term it can end.

    ValidationError where the terms know no such notice, or the contract has no term or an end already; names
    `term_ends_on` where no term ends on that day.
    """
    version = governing_version(contract, japan_date(at))
    rule, starts_on = version.policy.renewal, contract.service_starts_on
    if rule is None or rule.by_provider is None:
        raise ValidationError(_("The terms don't let the provider decline a renewal."), code="not_provided")
    if starts_on is None:
        raise ValidationError(_("The service has no start date yet, and so no term."), code="no_term")
    if contract.ends_on:
        params = {"day": day_text(contract.ends_on)}
        raise ValidationError(_("The contract already ends on %(day)s."), code="ends_already", params=params)
    if term_ends_on and not is_term_end(rule, starts_on, term_ends_on):
        raise ValidationError({"term_ends_on": _("No term of the contract ends on that day.")})
    return rulebook_for(version).non_renewal_by_provider(starts_on, at, term_ends_on)


@transaction.atomic
def decline_renewal(
    contract: Contract, staff: User, term_ends_on: date, at: datetime, *, note: str = ""
) -> Contract:
    """Tell the customer that the contract is not renewed after a term; it ends with that.

    ValidationError as for `judge`, and (`term_ends_on`, code `late`) where the notice is too late for that
    term: it names the first end that is still possible.
    """
    current = locked_contract(contract)
    decision = judge(current, term_ends_on, at)
    if decision.ends_on is None:
        message = _("It is too late for that: the first end of a term still possible is %(day)s.")
        params = {"day": day_text(decision.earliest_ends_on)}
        raise ValidationError({"term_ends_on": ValidationError(message, code="late", params=params)})
    version = governing_version(current, japan_date(at))
    letter = letters.on_declined_renewal(current, decision, note, version, at)
    end_contract(
        current, decision.ends_on, decision.billed_through_on, Contract.EndKind.NOT_RENEWED_BY_PROVIDER
    )
    settle_end(current, version, decision.ends_on, at)
    mail.provider_letter(letter.pk)
    record(
        "contract.renewal_declined",
        staff,
        current,
        decision=to_stored(decision),
        at=at,
        personal={"note": note.strip()},
    )
    return current
