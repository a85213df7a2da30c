"""Whatever stands in the cells: never an exception, never half a contract."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.models import CreditEntry, Deposit, Invoice
from contracts.models import Consent, Contract, Takeover, TakeoverRow
from contracts.takeover.sheets import sheets
from contracts.takeover.staging import stage
from contracts.takeover.words import place, sentence
from contracts.takeover.work import carry_on
from portal.formats.sheets import read_sheets
from portal.formats.workbooks import written_book
from tests.properties import examples
from tests.takeover_scene import CT_E1, LINES

CELLS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.integers(-(10**13), 10**13),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.sampled_from(["K-1", "ct-e1", "line", "2026-10", "2026-10-31", "振込", "=1+1", "'-1", "①", "令和8年"]),
)


def _headings(sheet):
    return [column.ja for column in sheet.columns]


@st.composite
def files(draw):
    """The lines of a right contract, with anything in some of their cells, and further lines of anything."""
    told = {"contracts": CT_E1, "products": LINES}
    tables = {}
    for sheet in sheets():
        right = told.get(sheet.key, {"旧契約番号": "K-1"})
        rows = []
        for _line in range(draw(st.integers(1 if sheet.key in told else 0, 2))):
            changed = draw(st.dictionaries(st.sampled_from(_headings(sheet)), CELLS, max_size=3))
            stated = {**right, **changed}
            rows.append([stated.get(heading) for heading in _headings(sheet)])
        if rows:
            tables[sheet.ja] = [_headings(sheet), *rows]
    return tables


@pytest.mark.django_db
@settings(
    max_examples=examples(15),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tables=files())
def test_any_file_is_judged_row_by_row_and_leaves_nothing(ct_e1, first, monkeypatch, tables):
    monkeypatch.setattr("contracts.takeover.staging.read_apart", lambda read, *given: read(*given))
    try:
        takeover = stage(ct_e1.provider, [("a.xlsx", written_book(tables))], first, timezone.now())
    except ValidationError as refused:
        assert refused.message_dict["chosen"]
        return
    carry_on(takeover.pk, "a worker")
    assert Takeover.objects.get(pk=takeover.pk).state == Takeover.State.CHECKED
    for row in TakeoverRow.objects.filter(takeover=takeover):
        assert row.verdict in ("new", "refused")
        assert bool(row.problems) == (row.verdict == "refused")
        for said in (*row.problems, *row.remarks):
            assert place(said)
            assert sentence(said)
    for said in takeover.loose:
        assert sentence(said)
    for model in (Invoice, Deposit, CreditEntry, Consent):
        assert not model.objects.exists()
    assert not Contract.everything.exists()


def test_what_is_written_is_read_again():
    rows = [["旧契約番号", "品目"], ["K-1", "=line"]]
    assert read_sheets([("a.xlsx", written_book({"品目": rows}))])[0][1][1] == ["K-1", "'=line"]
