"""What holds for tables of each kind: templates, round trips, and that no file whatever does harm."""

import io
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from portal.audit.models import AuditEntry
from portal.tables_in.bringing import MovedError, take_in
from portal.tables_in.files import FORMATS, stored_as_table, template_of
from portal.tables_in.kinds import Desk, Outcome, TableKind, kind_named, kinds
from portal.tables_in.rehearsing import carried_out, rows_of
from tests.properties import examples
from tests.scenes import again
from tests.tables_in.everything import everything
from tests.tables_scene import as_csv, outcomes, shown

KEYS = [
    "closures",
    "contacts",
    "mandates",
    "organisations",
    "payments",
    "people",
    "price_lists",
    "special_prices",
]


@pytest.fixture
def root(make_staff):
    return make_staff("root@provider.example", is_superuser=True)


@pytest.fixture(scope="module")
def stored(made_once):
    return everything()


@pytest.fixture
def provider(stored, db):
    return again(stored)


def test_each_kind_is_tested_here():
    assert sorted(kind.key for kind in kinds()) == KEYS


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("key", KEYS)
def test_what_is_written_brought_in_again_changes_nothing(key, file_format, language, root, provider):
    kind = kind_named(key)
    with override(language):
        content = stored_as_table(kind, Desk(root, provider, now()), file_format)
        table = shown(key, content, root, provider)
    assert set(outcomes(table)) == {"unchanged"}, table.rows


@pytest.mark.parametrize("key", KEYS)
def test_a_template_is_headed_and_explained(key, root, provider):
    kind = kind_named(key)
    book = load_workbook(io.BytesIO(template_of(kind, "xlsx")))
    headings = [cell.value for cell in book.worksheets[0][1]]
    assert headings == [str(column.heading) for column in kind.columns]
    assert book.worksheets[0]["A2"].value.startswith("※例")
    assert book.worksheets[1].max_row == len(kind.columns) + 2
    with pytest.raises(ValidationError, match="見出しの下に行がありません"):
        shown(key, template_of(kind, "csv"), root, provider)


@pytest.mark.parametrize("key", KEYS)
def test_headings_of_both_languages_mean_the_columns(key):
    kind = kind_named(key)
    for language in ("ja", "en"):
        with override(language):
            headings = [str(column.heading) for column in kind.columns]
        assert len(set(headings)) == len(headings)
        (row,) = rows_of(kind, [headings, ["1"] * len(headings)])
        assert list(row.texts) == [column.key for column in kind.columns]


@pytest.mark.parametrize("key", KEYS)
def test_pages_of_each_kind(key, root, provider, signed_in):
    client: Client = signed_in(root)
    page = client.get(reverse("table", args=[key]))
    assert page.status_code == 200
    for file_format in FORMATS:
        assert client.get(reverse("table-template", args=[key, file_format])).status_code == 200
        stored = client.get(reverse("table-export", args=[key, file_format]), {"provider": provider.pk})
        assert stored.status_code == 200
    assert AuditEntry.objects.filter(action="table.handed_out").count() == len(FORMATS)
    assert client.get(reverse("table-export", args=[key, "pdf"])).status_code == 404
    assert client.get(reverse("table-export", args=[key, "csv"]), {"provider": "x"}).status_code == 404


CELLS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", "1", "0", "-1", "9" * 20, "2026-11-01", "令和8年11月1日", "はい", "'@x", "※", "　"]),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.dates(),
    st.datetimes(),
    st.booleans(),
    st.none(),
)


def _mixed(kind: TableKind, known: list[list[object]]) -> st.SearchStrategy[list[list[object]]]:
    """Rows that were written by the portal, with some of their cells replaced by anything."""
    width = len(kind.columns)
    anything = st.lists(CELLS, min_size=0, max_size=width + 2)
    if not known:
        return st.lists(anything, max_size=4)

    @st.composite
    def spoilt(draw: st.DrawFn) -> list[object]:
        row = list(draw(st.sampled_from(known)))
        for place in draw(st.sets(st.integers(0, width - 1), max_size=3)):
            row[place] = draw(CELLS)
        return row

    return st.lists(st.one_of(spoilt(), anything), max_size=4)


@pytest.mark.parametrize("key", KEYS)
def test_no_table_whatever_makes_an_error_or_is_half_taken_in(key, root, provider):
    kind = kind_named(key)
    desk = Desk(root, provider, now())
    known = [[column.cell(row.get(column.key)) for column in kind.columns] for row in kind.stored(desk)][:5]
    headings = [column.key for column in kind.columns]

    @settings(max_examples=examples(25), suppress_health_check=list(HealthCheck))
    @given(_mixed(kind, known))
    def tried(rows: list[list[object]]) -> None:
        before = AuditEntry.objects.count()
        with suppress(ValidationError):
            plan = carried_out(kind, [headings, *rows], desk, for_good=False)
            assert AuditEntry.objects.count() == before
            with transaction.atomic():
                done = carried_out(kind, [headings, *rows], desk, for_good=True)
                assert done.digest == plan.digest
                texts = [problem.text for row in done.rows for problem in row.problems]
                assert not [text for text in texts if "想定外" in text]
                if not any(row.outcome in (Outcome.NEW, Outcome.CHANGED) for row in done.rows):
                    assert AuditEntry.objects.count() == before
                transaction.set_rollback(True)

    tried()


@settings(max_examples=examples(20), suppress_health_check=list(HealthCheck))
@given(content=st.binary(max_size=200))
@pytest.mark.parametrize("key", ["organisations"])
def test_no_file_whatever_makes_an_error(key, content, root, provider):
    with suppress(ValidationError, MovedError), transaction.atomic():
        table = shown(key, content, root, provider)
        take_in(table, root, table.digest, now())


def test_a_table_is_never_half_taken_in(root, provider, monkeypatch):
    kind = kind_named("organisations")
    headings = ["name", "postal_code", "address", "phone", "invoice_email"]
    rows = [[f"会社{n}", "105-0011", "東京都", "03-0000-0000", "a@b.example"] for n in range(3)]
    table = shown("organisations", as_csv([headings, *rows]), root, provider)
    carry_out = type(kind).bring

    def broken(self, unit, desk):
        if unit[0].values["name"] == "会社2":
            raise ValueError("broken")
        carry_out(self, unit, desk)

    monkeypatch.setattr(type(kind), "bring", broken)
    before = AuditEntry.objects.count()
    with pytest.raises(MovedError):
        take_in(table, root, table.digest, now())
    assert AuditEntry.objects.count() == before


def test_no_heading_means_two_columns():
    for kind in kinds():
        for column in kind.columns:
            for heading in (column.key, *column.also):
                meant = [other.key for other in kind.columns if other.is_headed(heading)]
                assert meant == [column.key], (kind.key, heading)
