"""The door for tables: what files are understood, what staff are shown, and that nothing is stored before."""

import io
import zipfile

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils.timezone import now
from openpyxl import Workbook
from openpyxl.styles import Border, Side

from portal.audit.models import AuditEntry
from portal.kept_files import is_kept
from portal.organisations.models import Organisation
from portal.organisations.roles import StaffRole
from portal.tables_in.bringing import KEPT, MovedError, clear_old_tables, take_in
from portal.tables_in.kinds import kind_named
from portal.tables_in.models import TableImport
from tests.tables_scene import as_csv, as_workbook, bring, outcomes, reasons, shown, taken

MINATO = [
    "株式会社みなと",
    "",
    "105-0011",
    "東京都港区芝公園４－２－８",
    "03-0000-0000",
    "keiri@minato.example",
]
KAWABE = ["川辺㈱髙橋", "7000012050002", "1000001", "東京都千代田区", "03-1111-1111", "a@kawabe.example"]


@pytest.fixture
def headings():
    kind = kind_named("organisations")
    keys = ("name", "corporate_number", "postal_code", "address", "phone", "invoice_email")
    return [str(kind.column(key).heading) for key in keys]


@pytest.fixture
def clerk(make_staff, progoffice):
    return make_staff("uketsuke@provider.example", StaffRole.RECEPTION)


@pytest.fixture
def page(clerk, signed_in):
    return signed_in(clerk)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_csv_is_read_whatever_its_encoding(clerk, headings, encoding):
    taken("organisations", as_csv([headings, KAWABE], encoding), clerk)
    assert Organisation.objects.get().name == "川辺㈱髙橋"


def test_a_workbook_is_recognised_by_what_it_holds(page, headings):
    bring(page, "organisations", as_workbook([headings, MINATO]), name="表.csv")
    assert outcomes(TableImport.objects.get()) == ["new"]


def test_csv_is_recognised_though_it_is_called_a_workbook(page, headings):
    bring(page, "organisations", as_csv([headings, MINATO]), name="表.xlsx")
    assert outcomes(TableImport.objects.get()) == ["new"]


def test_headings_are_understood_in_english_and_in_any_order(clerk):
    english = ["Phone", "address", " POSTAL code", "Organisation's name", "E-mail address for invoices *"]
    row = ["03-0000-0000", "東京都港区", "1050011", "みなと", "a@minato.example"]
    taken("organisations", [english, row], clerk)
    found = Organisation.objects.get()
    assert (found.name, found.postal_code, found.corporate_number) == ("みなと", "105-0011", "")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda names: [*names, "かな"], "この見出しの列はありません：かな"),
        (lambda names: names[1:], "必要な列がありません"),
        (lambda names: [*names, names[0]], "を表す列が複数あります"),
        (lambda names: [*names, "name"], "を表す列が複数あります"),
    ],
)
def test_headings_that_can_not_be_understood_are_named(page, headings, change, said):
    answer = bring(page, "organisations", [change(headings), MINATO])
    assert said in answer.content.decode()
    assert not TableImport.objects.exists()


def test_ruled_rows_without_a_value_are_no_rows(clerk, headings):
    book = Workbook()
    book.active.append(headings)
    for _number in range(30):
        book.active.append([""] * len(headings))
    book.active.append(MINATO)
    for row in book.active.iter_rows(min_row=2, max_row=80):
        for cell in row:
            cell.border = Border(bottom=Side(style="thin"))
    written = io.BytesIO()
    book.save(written)
    table = shown("organisations", written.getvalue(), clerk)
    assert [(row["row"], row["outcome"]) for row in table.rows] == [(32, "new")]


def test_notes_for_people_are_no_rows(clerk, headings):
    table = shown("organisations", [headings, ["※ 例 株式会社見本", "", "", "", "", ""], MINATO], clerk)
    assert outcomes(table) == ["new"]


def test_what_stands_beside_the_headings_is_refused(clerk, headings):
    table = shown("organisations", [headings, [*MINATO, "", "memo"]], clerk)
    assert reasons(table) == ["見出しのない列に「memo」があります。"]


BROKEN = io.BytesIO()
with zipfile.ZipFile(BROKEN, "w") as archive:
    archive.writestr("a.txt", "no workbook")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 is no workbook", "ブックとして読み取れません"),
        (BROKEN.getvalue(), "ブックとして読み取れません"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old workbook", "古い形式"),
        (b"\xff\xfe\x00\x01 no text", "表として読み取れません"),
        (b"\x00", "表として読み取れません"),
        (b"\n\n,,,\n", "表が空です"),
        ("組織の名称\n".encode(), "必要な列がありません"),
        (b"%PDF-1.7 \x93\x8c", "ありません"),
    ],
)
def test_what_is_no_table_is_refused_in_words(page, content, said):
    text = bring(page, "organisations", content).content.decode()
    assert said in text
    for word in ("Traceback", "Error:", "Exception", "NoneType"):
        assert word not in text
    assert not TableImport.objects.exists()


def test_a_table_of_too_many_rows_is_refused(page, headings, monkeypatch):
    monkeypatch.setattr(kind_named("organisations"), "most_rows", 2)
    text = bring(page, "organisations", [headings, MINATO, MINATO, MINATO]).content.decode()
    assert "一度に取り込めるのは2行までです" in text


def test_nothing_is_stored_before_it_is_taken_in(page, headings):
    text = bring(page, "organisations", [headings, MINATO]).content.decode()
    assert "新規1行、変更0行を取り込みます" in text
    assert not Organisation.objects.exists()
    assert not AuditEntry.objects.filter(action__startswith="organisation.").exists()
    table = TableImport.objects.get()
    answer = page.post(reverse("table-import", args=[table.pk]), {"seen": table.digest}, follow=True)
    assert "1行を取り込みました" in answer.content.decode()
    assert Organisation.objects.get().name == "株式会社みなと"
    assert AuditEntry.objects.filter(action="table.taken_in").count() == 1


def test_the_page_shows_old_and_new_by_cell(page, clerk, headings):
    taken("organisations", [headings, MINATO], clerk)
    moved = [*MINATO[:4], "03-9999-9999", MINATO[5]]
    text = bring(page, "organisations", [headings, moved]).content.decode()
    assert "<del>03-0000-0000</del> → <ins>03-9999-9999</ins>" in text


def test_refused_rows_are_told_with_row_and_column_and_left_out(page, clerk, headings):
    wrong = ["河野", "7000012050003", "12", "東京都", "x", "no-address"]
    text = bring(page, "organisations", [headings, wrong, MINATO]).content.decode()
    for said in ("法人番号の検査数字", "郵便番号は", "電話番号</strong>: ", "取り込めない1行は除きます"):
        assert said in text, said
    table = TableImport.objects.get()
    assert [(row["row"], row["outcome"]) for row in table.rows] == [(2, "refused"), (3, "new")]
    take_in(table, clerk, table.digest, now())
    assert [one.name for one in Organisation.objects.all()] == ["株式会社みなと"]


def test_the_same_file_again_changes_nothing(clerk, headings):
    taken("organisations", [headings, MINATO, KAWABE], clerk)
    again = shown("organisations", [headings, MINATO, KAWABE], clerk)
    assert outcomes(again) == ["unchanged", "unchanged"]
    with pytest.raises(ValidationError, match="取り込む行はありません"):
        take_in(again, clerk, again.digest, now())


def test_a_table_is_taken_in_once(clerk, headings):
    table = taken("organisations", [headings, MINATO], clerk)
    with pytest.raises(ValidationError):
        take_in(table, clerk, table.digest, now())
    assert Organisation.objects.count() == 1


def test_what_was_changed_meanwhile_is_shown_again(page, clerk, headings):
    table = shown("organisations", [headings, MINATO], clerk)
    taken("organisations", [headings, [*MINATO[:4], "03-2222-2222", MINATO[5]]], clerk)
    with pytest.raises(MovedError):
        take_in(table, clerk, table.digest, now())
    answer = page.post(reverse("table-import", args=[table.pk]), {"seen": table.digest}, follow=True)
    text = answer.content.decode()
    assert "現在の結果を表示しています" in text
    assert "<del>03-2222-2222</del> → <ins>03-0000-0000</ins>" in text
    assert Organisation.objects.get().phone == "03-2222-2222"


def test_only_who_brought_it_takes_it_in(clerk, headings, make_staff):
    table = shown("organisations", [headings, MINATO], clerk)
    colleague = make_staff("other@provider.example", StaffRole.RECEPTION)
    with pytest.raises(ValidationError, match="ご自分でファイルを選び直してください"):
        take_in(table, colleague, table.digest, now())


def test_who_lacks_the_right_brings_nothing(make_staff, progoffice, headings, signed_in):
    terms = make_staff("terms@provider.example", StaffRole.TERMS)
    with pytest.raises(PermissionDenied):
        shown("organisations", [headings, MINATO], terms)
    assert signed_in(terms).get(reverse("table", args=["organisations"])).status_code == 403


def test_the_same_file_taken_in_before_is_told(page, clerk, headings):
    taken("organisations", [headings, MINATO], clerk)
    text = bring(page, "organisations", [headings, MINATO]).content.decode()
    assert "同じファイルを取り込んでいます" in text


def test_the_list_tells_who_brought_in_what(page, clerk, headings):
    taken("organisations", [headings, MINATO], clerk)
    text = page.get(reverse("tables")).content.decode()
    assert "表.csv" in text and "新規1件" in text


def test_file_and_rows_go_after_their_time(clerk, headings, committing):
    table = taken("organisations", [headings, MINATO], clerk)
    name = str(table.file)
    assert is_kept(name)
    assert clear_old_tables(now() + KEPT) == 1
    table.refresh_from_db()
    assert (table.rows, str(table.file), table.new, is_kept(name)) == ([], "", 1, False)


@pytest.mark.parametrize("address", ["?page=9&outcome=refused", "?outcome=nonsense", "?page=x"])
def test_odd_addresses_are_pages(page, clerk, headings, address):
    table = shown("organisations", [headings, MINATO], clerk)
    assert page.get(reverse("table-import", args=[table.pk]) + address).status_code == 200


def test_pages_ask_the_same_number_of_queries_for_many_rows(
    page, clerk, headings, django_assert_max_num_queries
):
    rows = [[f"会社{number}", *MINATO[1:]] for number in range(120)]
    table = shown("organisations", [headings, *rows], clerk)
    with django_assert_max_num_queries(25):
        text = page.get(reverse("table-import", args=[table.pk])).content.decode()
    assert "1 / 3" in text
