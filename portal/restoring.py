"""After a restore from a backup: what may have happened since it, and settling that.

What the restored database does not know of may have gone out all the same: e-mails that wait in its ledgers,
and numbers above its counters. The stored files tell of numbers, as far as there is a document.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import InvoiceCounter
from billing.runs import restored as billing
from contracts.inbox import restored as contracts
from contracts.models import NumberCounter
from portal.audit.record import record
from portal.installation.holding import Reason, begin_anew, state
from portal.kept_files import names_below
from portal.outbox import restored as outbox

NEWEST = 100
"""So many of the newest PDFs are looked for among the stored files."""

_FOLDERS = ("invoices", "letters")
_NUMBER = re.compile(r"(?P<series>[A-Z0-9]+(?:-R?[0-9]{4})?)-(?P<number>[0-9]{6,})")

AnyCounter = InvoiceCounter | NumberCounter


@dataclass(frozen=True)
class Waiting:
    """E-mails of one kind that would go out, by the addresses that they would go to."""

    kind: str
    addresses: list[str]


@dataclass(frozen=True)
class Numbers:
    """The last number that a series gave, by the database and by the names of stored files."""

    series: str
    last: int
    in_files: int


@dataclass(frozen=True)
class Findings:
    """What a look at a restored installation finds; nothing to settle where `reason` is None.

    `missing_pdfs` are those of the newest `NEWEST` that don't lie among the stored files.
    """

    reason: Reason | None
    files_behind: bool
    mails: list[Waiting]
    runs: list[str]
    numbers: list[Numbers]
    missing_pdfs: int


@dataclass(frozen=True)
class Settled:
    """What was done: e-mails left to staff, reminders taken as said, runs stopped, counters moved on."""

    mails: int
    reminders: int
    runs: list[str]
    numbers: dict[str, tuple[int, int]]


def look() -> Findings:
    """What may have happened since the backup. Stores nothing."""
    found = state()
    said = [address for due in contracts.unsaid_reminders(timezone.localdate()) for address in due.to]
    mails = [*outbox.waiting_by_kind(), (_("reminders of the day"), said)]
    return Findings(
        found.reason,
        found.files_behind,
        [Waiting(kind, addresses) for kind, addresses in mails],
        [str(run) for run in billing.runs_under_way().select_related("provider")],
        _numbers(),
        billing.missing_pdfs(NEWEST),
    )


@transaction.atomic
def settle(last_numbers: Sequence[str] = (), skip: int = 0, *, send: bool = False) -> Settled:
    """Settle what is open after a restore, and let the installation go on.

    E-mails that wait may have gone out: they count as interrupted, for staff to decide on each, and the
    reminders of the day as said, unless `send` lets them go. Runs under way wait for approval again. Counters
    move past the numbers found in files and those in `last_numbers` (such as CD-2026-000300, each the last of
    its series that was given), and `skip` numbers further.

    ValidationError where nothing is held back, and for a number that can't be the last of its series. OSError
    where the folder of stored files can't be read or written.
    """
    found = state()
    if not found.reason and not found.files_behind:
        raise ValidationError(_("Nothing is held back: there is nothing to settle."), code="not_held")
    settled = _settle_restored(last_numbers, skip, send=send) if found.reason else Settled(0, 0, [], {})
    installation = begin_anew()
    record(
        "installation.settled",
        None,
        installation,
        reason=found.reason.value if found.reason else "files_behind",
        sent=send,
        mails=settled.mails,
        reminders=settled.reminders,
        runs=settled.runs,
        numbers=settled.numbers,
    )
    return settled


def _settle_restored(last_numbers: Sequence[str], skip: int, *, send: bool) -> Settled:
    at = timezone.now()
    numbers = _move_numbers(last_numbers, skip)
    if send:
        return Settled(0, 0, billing.stop_runs(), numbers)
    return Settled(
        outbox.suspect_mails(at),
        contracts.take_reminders_as_said(timezone.localdate(at), at),
        billing.stop_runs(),
        numbers,
    )


def _counters() -> dict[str, AnyCounter]:
    return {**billing.current_counters(), **contracts.current_counters()}


def _counter_of(series: str) -> AnyCounter | None:
    return billing.counter_of(series) or contracts.counter_of(series)


def _numbers() -> list[Numbers]:
    in_files = _numbers_in_files()
    counters = {**_counters(), **{series: _counter_of(series) for series in in_files}}
    return [
        Numbers(series, counter.last, in_files.get(series, 0))
        for series, counter in counters.items()
        if counter
    ]


def _numbers_in_files() -> dict[str, int]:
    """The highest number of each series that a stored document bears."""
    names = (name for folder in _FOLDERS for name in names_below(folder) if name.endswith(".pdf"))
    return _highest(parts for name in names if (parts := _NUMBER.match(name)))


def _highest(numbers: Iterable[re.Match[str]]) -> dict[str, int]:
    found: dict[str, int] = Counter()
    for parts in numbers:
        found[parts["series"]] = max(found[parts["series"]], int(parts["number"]))
    return dict(found)


def _move_numbers(last_numbers: Sequence[str], skip: int) -> dict[str, tuple[int, int]]:
    """Move the counters on; gives from where to where, by series. Raises ValidationError."""
    reached = _numbers_in_files()
    reached |= _highest(_parsed(number, reached) for number in last_numbers)
    counters = _counters()
    moved = {}
    for series in sorted({*counters, *reached}):
        counter = counters.get(series) or _counter_of(series)
        if counter is None:
            continue
        before, step = counter.last, skip if series in counters else 0
        counter.last = max(before, reached.get(series, 0)) + step
        if counter.last != before:
            counter.save()
            moved[series] = (before, counter.last)
    return moved


def _parsed(number: str, reached: dict[str, int]) -> re.Match[str]:
    """A number as it stands on a document; ValidationError where it can't be the last of its series."""
    parts = _NUMBER.fullmatch(number)
    counter = _counter_of(parts["series"]) if parts else None
    if parts is None or counter is None:
        raise ValidationError(
            _("“%(number)s” is no number of this portal. Write the last number given, such as %(known)s.")
            % {
                "number": number,
                "known": ", ".join(f"{series}-000123" for series in _counters()) or "A26-000123",
            },
            code="no_number",
        )
    least = max(counter.last, reached.get(parts["series"], 0))
    if int(parts["number"]) < least:
        raise ValidationError(
            _("%(number)s can't be the last number: %(series)s-%(least)s was given already.")
            % {"number": number, "series": parts["series"], "least": f"{least:06}"},
            code="given_already",
        )
    return parts
