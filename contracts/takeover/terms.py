"""Terms of a contract of an old system against the rules: its current term, its minimum term, its end."""

from datetime import date
from typing import cast
from uuid import uuid4

from django.core.exceptions import ValidationError

from contracts.deciding.numbers import next_number
from contracts.extensions.takeover import Bringing
from contracts.lifecycle.minimum_terms.rest import held_since
from contracts.models import Contract, ContractRequest, NumberCounter
from contracts.models.request import CANCELLATION, NON_RENEWAL
from contracts.policies.rulebooks import Rulebooks
from contracts.requests.data import RequestData
from contracts.requests.kind import Context
from contracts.requests.kinds.endings import CancellationData, NonRenewalData
from contracts.requests.registry import drafted, judged, kind_of
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.term import first_term_end, next_term_end
from contracts.takeover.contract import noon
from contracts.takeover.words import articles_in_each_language


def check_terms(contract: Contract, bringing: Bringing, books: Rulebooks) -> None:
    """Compare what the file says of the current term and of the minimum term with what the terms give."""
    _check_term(contract, bringing, books)
    _check_minimum_term(contract, bringing, books)


def _check_term(contract: Contract, bringing: Bringing, books: Rulebooks) -> None:
    stated, today = bringing.first["term_ends_on"], japan_date(bringing.at)
    if stated is None:
        return
    version = books.governing(contract, today, lambda policy: policy.renewal)
    rule = version.policy.renewal
    if rule is None:
        bringing.refuse(bringing.first, "term_ends_on", "knows_no_term")
        return
    ends_on = first_term_end(rule, cast(date, contract.service_starts_on))
    while ends_on < today:
        ends_on = next_term_end(rule, ends_on)
    if stated != ends_on:
        articles = articles_in_each_language(version, rule.article)
        bringing.refuse(bringing.first, "term_ends_on", "term_otherwise", day=ends_on, articles=articles)


def _check_minimum_term(contract: Contract, bringing: Bringing, books: Rulebooks) -> None:
    stated, today = bringing.first["minimum_ends_on"], japan_date(bringing.at)
    if stated is None:
        return
    version = books.governing(contract, today, lambda policy: policy.minimum_term)
    rule = version.policy.minimum_term
    if rule is None:
        bringing.refuse(bringing.first, "minimum_ends_on", "knows_no_minimum")
        return
    starts = {cast(date, contract.service_starts_on)}
    if rule.by_product:
        starts |= {held_since(contract, product, today) for product in contract.items_on(today)}
    rules = books.of(version)
    ends = {rules.minimum_term(start, today, 0).minimum_ends_on for start in starts}
    if stated not in ends:
        articles = articles_in_each_language(version, rule.article)
        bringing.refuse(
            bringing.first, "minimum_ends_on", "minimum_otherwise", day=max(ends), articles=articles
        )


def take_notice(contract: Contract, bringing: Bringing) -> None:
    """Let a notice of the end that the customer gave count as a request of then would.

    What follows is what follows of one: the last charged month, the rest of the minimum term, the erasure.
    """
    line = bringing.first
    notice_on, ends_on = line["notice_on"], line["ends_on"]
    if not (notice_on or ends_on):
        return
    if notice_on is None or ends_on is None:
        missing = "notice_on" if notice_on is None else "ends_on"
        bringing.refuse(line, missing, "notice_and_end")
        return
    if notice_on > japan_date(bringing.at):
        bringing.refuse(line, "notice_on", "to_come", day=notice_on)
        return
    if ends_on < japan_date(bringing.at):
        bringing.refuse(line, "ends_on", "has_ended", day=ends_on)
        return
    request, context, earliest = _ending(contract, bringing)
    if request is None:
        key, about = ("end_too_early", {"day": earliest}) if earliest else ("no_such_end", {})
        bringing.refuse(line, "ends_on", key, notice=notice_on, **about)
        return
    request.number = next_number(NumberCounter.Kind.REQUEST, japan_date(bringing.at))
    request.submission_key, request.content_hash = uuid4(), request.wish_hash()
    request.status = ContractRequest.Status.ACCEPTED
    request.decided_at, request.decided_by = bringing.at, bringing.staff
    request.save(force_insert=True)
    kind_of(request.kind).take_effect(request, context)


def _ending(contract: Contract, bringing: Bringing) -> tuple[ContractRequest | None, Context, date | None]:
    """The request that leads to the end of the file; without one the earliest end that the notice reaches."""
    line, earliest = bringing.first, None
    asked: tuple[tuple[str, RequestData], ...] = (
        (CANCELLATION, CancellationData(wanted_on=line["ends_on"])),
        (NON_RENEWAL, NonRenewalData(wanted_on=line["ends_on"])),
    )
    context = Context(at=bringing.at, actor=bringing.staff)
    for kind, data in asked:
        request = drafted(contract, kind, data, noon(line["notice_on"]))
        request.requested_by = bringing.staff
        try:
            decision, _context = judged(request)
        except ValidationError:
            continue
        if decision.outcome != "refused" and decision.settled_on == line["ends_on"]:
            request.decided = kind_of(kind).completed(request, decision, context)
            return request, context, None
        earliest = earliest or decision.earliest_on
    return None, context, earliest
