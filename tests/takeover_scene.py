"""Files of running contracts for tests: lines by sheet, written as people write them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from contracts.approvals.takeovers import ANNULMENT, TAKEOVER, AnnulmentData, TakeoverData
from contracts.models import Contract, Provider, Takeover, TakeoverRow
from contracts.takeover.staging import stage
from contracts.takeover.words import place, sentence
from contracts.takeover.work import carry_on
from portal.approvals.decide import approve, put_forward
from portal.formats.workbooks import written_book
from portal.organisations.models import User

Sheets = Mapping[str, Sequence[Mapping[str, Any]]]

CT_E1: dict[str, Any] = {
    "旧契約番号": "K-1",
    "サービス": "ct-e1",
    "顧客名": "山田商事株式会社",
    "成立日": "2024-03-25",
    "利用開始日": "2024-04-01",
    "支払方法": "振込",
    "請求済み期間の末日": "2026-10-31",
}
LINES = {"旧契約番号": "K-1", "品目": "line", "数量": 2}


def book(sheets: Sheets) -> bytes:
    """A workbook: a line of headings for each sheet, then what its lines state."""
    tables: dict[str, list[list[Any]]] = {}
    for name, lines in sheets.items():
        headings = list(dict.fromkeys(heading for line in lines for heading in line))
        tables[name] = [headings, *([line.get(heading) for heading in headings] for line in lines)]
    return written_book(tables)


def one(changed: Mapping[str, Any] | None = None, **further: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A file of one contract of CT-e1, but for what is changed of its line; further sheets by their keys."""
    return {"契約": [{**CT_E1, **(changed or {})}], "品目": [LINES], **further}


def staged(sheets: Sheets, provider: Provider, staff: User, name: str = "旧システム.xlsx") -> Takeover:
    """A file that was brought and checked."""
    takeover = stage(provider, [(name, book(sheets))], staff, timezone.now())
    carry_on(takeover.pk, "a worker")
    return Takeover.objects.get(pk=takeover.pk)


def confirmed(takeover: Takeover, staff: User, second: User) -> Takeover:
    """Let a second person confirm a file, and a worker bring it in."""
    proposal = put_forward(TAKEOVER, TakeoverData(takeover=takeover.pk), staff, timezone.now())
    approve(proposal, second, proposal.digest, timezone.now())
    carry_on(takeover.pk, "a worker")
    return Takeover.objects.get(pk=takeover.pk)


def annulled(takeover: Takeover, staff: User, second: User, reason: str = "別の会社の契約でした") -> Takeover:
    proposal = put_forward(
        ANNULMENT, AnnulmentData(takeover=takeover.pk, reason=reason), staff, timezone.now()
    )
    approve(proposal, second, proposal.digest, timezone.now())
    return Takeover.objects.get(pk=takeover.pk)


def brought(sheets: Sheets, provider: Provider, staff: User, second: User) -> Contract:
    """The one contract of a file, in the portal."""
    takeover = confirmed(staged(sheets, provider, staff), staff, second)
    return Contract.objects.get(takeover_row__takeover=takeover)


def row_of(takeover: Takeover, number: str = "K-1") -> TakeoverRow:
    return TakeoverRow.objects.get(takeover=takeover, old_number=number)


def told(row: TakeoverRow) -> list[str]:
    """Why a row is refused, with the places."""
    return [f"{place(said)}: {sentence(said)}" for said in row.problems]
