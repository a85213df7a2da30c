"""What workers do: try the contracts of a file, and bring them in once they are confirmed, chunk by chunk.

A chunk is one transaction. Whoever works on a file has it for a minute at a time; that a contract is not
brought in twice does not rest on that, but on its number, of which the database holds one. A worker that is
lost leaves its chunk undone, and the next one goes on.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from contracts.consents.answers import seals
from contracts.extensions.registered import takeover_parts
from contracts.extensions.takeover import Bringing
from contracts.models import Contract, Takeover, TakeoverRow
from contracts.policies.rulebooks import Rulebooks
from contracts.takeover.changes import changed_cells
from contracts.takeover.contents import add_agreements, add_items, record_consents
from contracts.takeover.contract import stored_contract
from contracts.takeover.file import lines_of
from contracts.takeover.foreseen import foreseen
from contracts.takeover.known import Known
from contracts.takeover.terms import check_terms, take_notice
from portal.audit.record import record
from portal.search.indexing import index_of

CHUNK = 50
LEASE = timedelta(minutes=1)

State, Verdict = Takeover.State, TakeoverRow.Verdict


class _OtherwiseError(Exception):
    """Ends the work on a file that went to another worker, or took another turn."""


def to_work_on() -> QuerySet[Takeover]:
    """Files to check or to bring in that nobody works on."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=timezone.now())
    return Takeover.objects.filter(free, state__in=(State.CHECKING, State.BRINGING))


def carry_on(pk: int, worker: str) -> None:
    """Check a file, or bring it in, to the end; nothing where somebody else does.

    What stops the work is kept with the file, for staff, and raised.
    """
    if not to_work_on().filter(pk=pk).update(worker=worker, leased_until=timezone.now() + LEASE):
        return
    takeover = Takeover.objects.select_related("provider", "brought_by", "confirmed_by").get(pk=pk)
    mine = Takeover.objects.filter(pk=pk, worker=worker, state=takeover.state)
    work = _check if takeover.state == State.CHECKING else _bring
    try:
        while rows := list(_left(takeover)[:CHUNK]):
            work(takeover, rows, mine)
        _finish(takeover, mine)
    except _OtherwiseError:
        return
    except Exception as trouble:
        told = f"{type(trouble).__name__}: {trouble}"[:1000]
        mine.update(trouble=told, worker="", leased_until=timezone.now() + LEASE)
        raise


def _left(takeover: Takeover) -> QuerySet[TakeoverRow]:
    """The rows of which nothing is known yet, or that are confirmed and not brought in."""
    rows = TakeoverRow.objects.filter(takeover=takeover).order_by("place")
    if takeover.state == State.CHECKING:
        return rows.filter(verdict=Verdict.UNCHECKED)
    return rows.filter(verdict=Verdict.NEW, contract__isnull=True)


def _hold_on(mine: QuerySet[Takeover]) -> None:
    if not mine.update(leased_until=timezone.now() + LEASE, trouble=""):
        raise _OtherwiseError


def _check(takeover: Takeover, rows: Sequence[TakeoverRow], mine: QuerySet[Takeover]) -> None:
    """Bring contracts in, see what follows, and take all of that back."""
    known = _known_rows(takeover, rows)
    tried = [row for row in rows if row.old_number not in known]
    for row in rows:
        if row.old_number in known:
            before = known[row.old_number].lines
            row.changes = changed_cells(before, row.lines) if before else []
            same = known[row.old_number].digest == row.digest
            row.verdict = Verdict.KNOWN if same else Verdict.CHANGED
    with transaction.atomic():
        _try(takeover, tried)
        transaction.set_rollback(True)
    with transaction.atomic():
        _hold_on(mine)
        TakeoverRow.objects.bulk_update(rows, ["verdict", "problems", "remarks", "changes", "foreseen"])


def _try(takeover: Takeover, rows: Sequence[TakeoverRow]) -> None:
    at, known = timezone.now(), Known(takeover.provider, takeover.brought_by)
    brought: dict[int, TakeoverRow] = {}
    for row in rows:
        row.takeover = takeover
        contract, bringing = brought_in(row, known, at)
        row.problems, row.remarks = bringing.problems, bringing.remarks
        row.verdict = Verdict.NEW if contract else Verdict.REFUSED
        if contract:
            brought[contract.pk] = row
    for pk, found in foreseen(list(brought), at).items():
        brought[pk].foreseen = found


def _known_rows(takeover: Takeover, rows: Sequence[TakeoverRow]) -> dict[str, TakeoverRow]:
    """What was brought in before under the numbers of rows."""
    standing = TakeoverRow.objects.filter(
        provider=takeover.provider_id, contract__isnull=False, annulled_at__isnull=True
    )
    return {row.old_number: row for row in standing.filter(old_number__in=[row.old_number for row in rows])}


def _bring(takeover: Takeover, rows: Sequence[TakeoverRow], mine: QuerySet[Takeover]) -> None:
    """Bring the next contracts in; what does not fit any more by now is refused, and left out."""
    at, known = timezone.now(), Known(takeover.provider, takeover.brought_by)
    with transaction.atomic():
        _hold_on(mine)
        before = _known_rows(takeover, rows)
        for row in rows:
            row.takeover = takeover
            if row.old_number in before:
                row.verdict = Verdict.KNOWN
                continue
            contract, bringing = brought_in(row, known, at)
            row.problems, row.remarks = bringing.problems, bringing.remarks
            row.verdict = Verdict.NEW if contract else Verdict.REFUSED
            row.contract, row.brought_at = contract, at if contract else None
        TakeoverRow.objects.bulk_update(rows, ["verdict", "problems", "remarks", "contract", "brought_at"])
        index_of(Contract, takeover_row__in=rows)


def _finish(takeover: Takeover, mine: QuerySet[Takeover]) -> None:
    now = timezone.now()
    rows = TakeoverRow.objects.filter(takeover=takeover)
    with transaction.atomic():
        if takeover.state == State.CHECKING:
            done = mine.update(state=State.CHECKED, checked_at=now, worker="", leased_until=None)
            if done:
                record(
                    "takeover.checked",
                    None,
                    takeover,
                    provider=takeover.provider.code,
                    new=rows.filter(verdict=Verdict.NEW).count(),
                    known=rows.filter(verdict=Verdict.KNOWN).count(),
                    changed=rows.filter(verdict=Verdict.CHANGED).count(),
                    refused=rows.filter(verdict=Verdict.REFUSED).count(),
                )
            return
        brought = rows.filter(contract__isnull=False).count()
        if mine.update(state=State.DONE, done_at=now, worker="", leased_until=None):
            record(
                "takeover.brought_in",
                takeover.confirmed_by,
                takeover,
                provider=takeover.provider.code,
                contracts=brought,
                refused=rows.filter(verdict=Verdict.REFUSED).count(),
            )


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
