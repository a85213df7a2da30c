"""Grounds of the provider's steps, as far as the ledger knows whether they are so."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from contracts.consents.renewals import last_answer
from contracts.deciding.guards import field_error
from contracts.extensions import registered
from contracts.models import Consent, Contract, Suspension, TermsVersion
from contracts.rules.policy.base import LedgerFact, ListedReason
from contracts.wording.formats import day_text


def ensure_so(
    field: str, reason: ListedReason, contract: Contract, day: date, since_on: date | None = None
) -> None:
    """ValidationError on the field (`not_so`) where the ledger knows that a reason is not so on a day.

    `since_on` is the due day, where the reason counts from one.
    """
    if reason.fact and not _is_so(reason.fact, contract, day, since_on):
        message = _("By the portal's ledger this is not so on %(day)s.") % {"day": day_text(day)}
        raise field_error(field, message, "not_so")


def _is_so(fact: LedgerFact, contract: Contract, day: date, since_on: date | None) -> bool:
    match fact:
        case "suspension_over" | "option_suspension_over":
            return any(one < day for one in _last_days(fact, contract))
        case "terms_changed":
            return _is_asked_to_agree(contract)
        case "terms_refused":
            return any(answer and answer.how == Consent.How.REFUSED for answer in _last_answers(contract))
        case _:
            return registered.is_so(fact, contract, day, since_on)


def last_day_of_suspension(fact: LedgerFact, contract: Contract) -> date | None:
    """The last day of the first suspension that was not lifted, where a ground rests on that."""
    return min(_last_days(fact, contract), default=None)


def _last_days(fact: LedgerFact, contract: Contract) -> Iterator[date]:
    """The last days of suspensions that were not lifted, of the service or of an option."""
    of_option = {"suspension_over": False, "option_suspension_over": True}
    if fact not in of_option:
        return
    kept = contract.suspensions.filter(
        kind=Suspension.Kind.SUSPENSION, ends_on__isnull=False, lifted_at__isnull=True
    )
    kept = kept.exclude(product="") if of_option[fact] else kept.filter(product="")
    for last_day in kept.values_list("ends_on", flat=True):
        if last_day:
            yield last_day


def _is_asked_to_agree(contract: Contract) -> bool:
    """Whether a version that follows the contract's, in force or announced, is without the consent."""
    return any(answer is None or answer.how == Consent.How.REFUSED for answer in _last_answers(contract))


def _last_answers(contract: Contract) -> list[Consent | None]:
    """What the customer last answered to each version that follows the contract's."""
    later = TermsVersion.objects.published().filter(
        service=contract.service_id, effective_on__gt=contract.contracted_version.effective_on
    )
    return [last_answer(contract.organisation, version) for version in later]
