"""Bringing one contract in: the same for the dry run, which takes it back, and when it was confirmed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from contracts.consents.answers import seals
from contracts.extensions.registered import takeover_parts
from contracts.extensions.takeover import Bringing
from contracts.models import Contract, TakeoverRow
from contracts.policies.rulebooks import Rulebooks
from contracts.takeover.contents import add_agreements, add_items, record_consents
from contracts.takeover.contract import stored_contract
from contracts.takeover.file import lines_of
from contracts.takeover.known import Known
from contracts.takeover.terms import check_terms, take_notice
from portal.audit.record import record


class _RefusedError(Exception):
    """Ends the bringing in of a contract that does not fit, with all that it did."""


def brought_in(row: TakeoverRow, known: Known, at: datetime) -> tuple[Contract | None, Bringing]:
    """Store a row's contract with all that belongs to it; None where it is refused, and nothing is stored.

    Runs inside the caller's transaction.
    """
    lines = lines_of(row.lines)
    bringing = Bringing(
        takeover=row.takeover,
        staff=known.staff,
        at=at,
        books=known.books,
        first=lines["contracts"][0],
        lines=lines,
        problems=list(row.problems),
    )
    contract = None
    with _taken_back_if_refused():
        contract = _stored(row, bringing, known)
        if bringing.problems:
            raise _RefusedError
    return (None if bringing.problems else contract), bringing


@contextmanager
def _taken_back_if_refused() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except _RefusedError:
        pass


def _stored(row: TakeoverRow, bringing: Bringing, known: Known) -> Contract | None:
    contract = stored_contract(bringing, known)
    if contract is None:
        return None
    add_items(contract, bringing, known)
    add_agreements(contract, bringing)
    # What was agreed counts from here on, and rulebooks know it once they are asked anew.
    bringing.books = Rulebooks() if bringing.of("agreements") else known.books
    check_terms(contract, bringing, bringing.books)
    consents = record_consents(contract, bringing, known)
    for parts in takeover_parts():
        for part in parts.parts:
            part.bring(contract, bringing)
    if not bringing.problems:
        take_notice(contract, bringing)
    if not bringing.problems:
        record(
            "contract.taken_over",
            known.staff,
            contract,
            takeover=row.takeover_id,
            old_number=row.old_number,
            consents=seals(*consents),
        )
    return contract
