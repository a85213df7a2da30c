"""Grounds of the provider's steps, as far as the ledger knows whether they are so."""

from datetime import date

from django.utils.translation import gettext as _

from contracts.consents.renewals import last_answer
from contracts.deciding.guards import field_error
from contracts.extensions import registered
from contracts.models import Consent, Contract, TermsVersion
from contracts.rules.policy.base import LedgerFact, ListedReason
from contracts.wording.formats import day_text


def ensure_so(field: str, reason: ListedReason, contract: Contract, day: date) -> None:
    """ValidationError on the field (`not_so`) where the ledger knows that a reason is not so on a day."""
    if reason.fact and not _is_so(reason.fact, contract, day):
        message = _("By the portal's ledger this is not so on %(day)s.") % {"day": day_text(day)}
        raise field_error(field, message, "not_so")


def _is_so(fact: LedgerFact, contract: Contract, day: date) -> bool:
    match fact:
        case "suspension_over":
            return contract.suspensions.filter(ends_on__lt=day, lifted_at__isnull=True).exists()
        case "terms_changed":
            return _is_asked_to_agree(contract)
        case _:
            return registered.is_so(fact, contract, day)


def _is_asked_to_agree(contract: Contract) -> bool:
    """Whether a version that follows the contract's, in force or announced, is without the consent."""
    later = TermsVersion.objects.published().filter(
        service=contract.service_id, effective_on__gt=contract.contracted_version.effective_on
    )
    answers = [last_answer(contract.organisation, version) for version in later]
    return any(answer is None or answer.how == Consent.How.REFUSED for answer in answers)
