"""What the portal makes of contracts that are brought in: next dates, the term, the first invoice."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from contracts.extensions.registered import takeover_parts
from contracts.lifecycle.deadlines import next_deadlines
from contracts.models import Contract, TermsVersion
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import japan_date
from contracts.rules.decision import Decision
from contracts.rules.life.term import first_term_end, next_term_end
from contracts.takeover.words import articles_in_each_language

_RELATED = ("organisation", "application", "contracted_version__service", "service__provider")
_MANY = ("items", "requests__terms_version__service", "suspensions", "particulars", "parties", "agreements")


def foreseen(keys: Sequence[int], at: datetime) -> dict[int, dict[str, Any]]:
    """What follows for contracts, by primary key, as JSON holds it; a handful of queries however many."""
    contracts = list(
        Contract.objects.filter(pk__in=keys)
        .select_related(*_RELATED)
        .prefetch_related(*_MANY, "service__provider__particulars")
        .order_by("number")
    )
    books = Rulebooks()
    found: dict[int, dict[str, Any]] = {
        contract.pk: {"dates": list(_dates(contract, at, books))} for contract in contracts
    }
    for parts in takeover_parts():
        if parts.first_invoices:
            for pk, invoice in parts.first_invoices(contracts).items():
                found[pk]["invoice"] = invoice
    return found


def _dates(contract: Contract, at: datetime, books: Rulebooks) -> list[Mapping[str, Any]]:
    """The next of each kind, the term among them, in order."""
    found: dict[str, Mapping[str, Any]] = {}
    for deadline in next_deadlines(contract, at, books):
        if deadline.kind not in found:
            found[deadline.kind] = _stated(
                deadline.kind, deadline.on, _articles(deadline.decision), deadline.version, deadline.until
            )
    if not contract.ends_on and (term := _term(contract, japan_date(at), books)):
        found["term_end"] = term
    return sorted(found.values(), key=lambda stated: str(stated["on"]))


def _term(contract: Contract, day: date, books: Rulebooks) -> Mapping[str, Any] | None:
    version = books.governing(contract, day, lambda policy: policy.renewal)
    rule = version.policy.renewal
    if rule is None:
        return None
    ends_on = first_term_end(rule, cast(date, contract.service_starts_on))
    while ends_on < day:
        ends_on = next_term_end(rule, ends_on)
    return _stated("term_end", ends_on, rule.article, version)


def _articles(decision: Decision | None) -> Sequence[str]:
    if decision is None:
        return ()
    return tuple(dict.fromkeys(article for step in decision.steps for article in step.articles))


def _stated(
    kind: str, on: date, articles: Sequence[str], version: TermsVersion, until: datetime | None = None
) -> dict[str, Any]:
    return {
        "kind": kind,
        "on": on.isoformat(),
        "until": until.isoformat() if until else None,
        "articles": articles_in_each_language(version, articles),
    }
