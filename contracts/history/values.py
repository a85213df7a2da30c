"""How what the audit trail stores of contracts reads: days, amounts, and keys of the terms by their words."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext

from contracts.models import Service, TermsVersion
from contracts.rules.calendar.period import Month
from contracts.rules.policy.base import LocalText
from contracts.rules.policy.schema import ListedReason, Policy
from contracts.wording.formats import day_text, moment_text, month_text, yen_text
from contracts.wording.local_text import localised
from contracts.wording.reasons import text_of_no_terms
from portal.audit.models import AuditEntry
from portal.audit.names import Names, Piece, Reference
from portal.audit.telling import Known, Read, Value

DAY = Read(lambda stored: day_text(date.fromisoformat(stored)))
MOMENT = Read(lambda stored: moment_text(datetime.fromisoformat(stored)))
MONTH = Read(lambda stored: month_text(Month.of(date.fromisoformat(f"{stored}-01"))))
YEN = Read(yen_text)
YEN_IF_ANY = Read(lambda amount: yen_text(amount) if amount else "")
COUNT_IF_ANY = Read(lambda count: count or "")
COLUMNS = Read(lambda row: gettext(", ").join(str(value) for value in row.values() if value))

CONTRACT = Known("contracts.contract", "number")
SERVICE = Known("contracts.service", "slug")
PROVIDER = Known("contracts.provider", "code")


@dataclass(frozen=True)
class InPolicy(Value):
    """A key of a service's policy, in the words of the newest version that has it.

    `words` gives these words; None where a policy knows no such key.
    """

    words: Callable[[Policy, str], str | None]

    def pieces(self, stored: Any, entry: AuditEntry, names: Names) -> Iterator[Piece]:
        about = names.object(Reference(entry.object_type, entry.object_id))
        service = about.pk if isinstance(about, Service) else about.service_id
        said = (self.words(policy, stored) for policy in names.once("policies", _policies)[service])
        yield Piece(next(filter(None, said), str(stored)))


def _policies() -> dict[int, list[Policy]]:
    """The rules of versions as they are read and as they were published, by service, the newest first."""
    found: dict[int, list[Policy]] = {}
    published = TermsVersion.objects.published().order_by("-effective_on")
    for version in published.only("service", "policy_source", "effective_on").prefetch_related("revisions"):
        read = version.read_on(date.max).policy
        found.setdefault(version.service_id, []).extend((read, version.policy))
    return found


def _product(policy: Policy, key: str) -> str | None:
    return _text_of(key, ((product.key, product.name) for product in policy.products))


def _document(policy: Policy, key: str) -> str | None:
    return _text_of(key, ((document.key, document.name) for document in policy.application.documents))


def _refusal(policy: Policy, key: str) -> str | None:
    of_changes = (reason for rule in policy.changes.values() for reason in rule.refusals)
    reasons = (*policy.refusal_reasons, *policy.cancellation.refusals, *of_changes)
    return text_of_no_terms(key) or _reason(key, reasons)


def _stop(policy: Policy, key: str) -> str | None:
    rules = (policy.suspension, policy.pause)
    return _reason(key, (reason for rule in rules if rule for reason in rule.reasons))


def _ground(policy: Policy, key: str) -> str | None:
    return _reason(key, policy.termination.grounds if policy.termination else ())


def _reason(key: str, reasons: Iterable[ListedReason]) -> str | None:
    return _text_of(key, ((reason.key, reason.text) for reason in reasons))


def _text_of(key: str, named: Iterable[tuple[str, LocalText]]) -> str | None:
    return next((localised(text) for known, text in named if known == key), None)


PRODUCT = InPolicy(_product)
DOCUMENT_KIND = InPolicy(_document)
REFUSAL_REASON = InPolicy(_refusal)
STOP_REASON = InPolicy(_stop)
GROUND = InPolicy(_ground)
