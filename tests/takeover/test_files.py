"""Files of running contracts as they really come: workbooks, CSV alone or in a ZIP, headings, slips."""

import csv
import io
import zipfile

import pytest
from django.core.exceptions import ValidationError

from contracts.takeover.file import read_old_system
from contracts.takeover.staging import read_files
from contracts.takeover.template import template
from contracts.takeover.words import place, sentence
from portal.formats.sheets import read_sheets
from tests.takeover_scene import CT_E1, LINES, book, one

ENGLISH = {
    "old_number": "K-1",
    "service": "ct-e1",
    "customer": "Yamada",
    "formed_on": "2024/3/25",
    "service_starts_on": "令和6年4月1日",
    "payment_method": "transfer",
}


def _csv(lines, encoding="utf-8"):
    written = io.StringIO(newline="")
    rows = csv.DictWriter(written, list(lines[0]))
    rows.writeheader()
    rows.writerows(lines)
    return written.getvalue().encode(encoding)


def _read(*files):
    return read_old_system(read_sheets(files))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_csv_is_read_in_each_encoding(encoding):
    found = _read(("契約.csv", _csv([CT_E1], encoding)), ("品目.csv", _csv([LINES], encoding)))
    assert [(one.number, one.problems) for one in found.contracts] == [("K-1", [])]
    assert found.contracts[0].lines["products"][0]["quantity"] == 2


def test_a_zip_and_a_workbook_state_the_same():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("旧/契約.csv", _csv([CT_E1]))
        zipped.writestr("旧/品目.csv", _csv([LINES]))
    (of_zip,) = _read(("a.zip", archive.getvalue())).contracts
    (of_book,) = _read(("a.xlsx", book(one()))).contracts
    assert of_zip.digest() == of_book.digest()


def test_english_headings_and_other_days_are_read():
    (contract,) = _read(("contracts.csv", _csv([ENGLISH]))).contracts
    line = contract.lines["contracts"][0]
    assert contract.problems == []
    assert (str(line["formed_on"]), str(line["service_starts_on"])) == ("2024-03-25", "2024-04-01")


def test_a_sheet_of_any_name_is_known_by_its_headings():
    found = _read(("export-1.csv", _csv([CT_E1])), ("export-2.csv", _csv([LINES])))
    assert set(found.contracts[0].lines) == {"contracts", "products"}


def test_rows_that_are_ruled_but_empty_are_none():
    content = _csv([LINES]) + b",,\r\n, ,\r\n"
    found = _read(("契約.csv", _csv([CT_E1])), ("品目.csv", content))
    assert len(found.contracts[0].lines["products"]) == 1
    assert found.loose == []


def test_a_line_of_no_contract_is_not_lost():
    found = _read(("契約.csv", _csv([CT_E1])), ("品目.csv", _csv([{**LINES, "旧契約番号": "K-9"}])))
    assert [(said["row"], said["key"]) for said in found.loose] == [(2, "no_contract")]


def test_the_same_number_twice_is_refused():
    (contract,) = _read(("契約.csv", _csv([CT_E1, CT_E1]))).contracts
    assert [said["key"] for said in contract.problems] == ["number_twice"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "files",
    [
        [("a.xlsx", b"nothing")],
        [("a.zip", b"PK\x03\x04 broken")],
        [("品目.csv", _csv([LINES]))],
        [("契約.csv", _csv([{**CT_E1, "何か": 1}]))],
        [("契約.csv", b"\x00\x01")],
        [("契約.csv", "旧契約番号,旧契約番号\r\nK-1,K-2\r\n".encode())],
        [("契約.csv", b"")],
        [],
    ],
)
def test_what_can_t_be_read_is_refused_in_words(files):
    with pytest.raises(ValidationError) as refused:
        read_files(files)
    assert refused.value.message_dict["chosen"]


def test_the_template_is_a_file_without_contracts(settings):
    assert read_old_system(read_sheets([("ひな形.xlsx", template())])).contracts == []


STATED = {"旧契約番号": "K-1", "項目": "担当者氏名", "内容": "山田😀"}
OWED = {
    "旧契約番号": "K-1",
    "書類番号": "😀-1",
    "発行日": "2026-10-01",
    "支払期日": "2026-10-31",
    "請求額": 1,
}


@pytest.mark.parametrize(("sheet", "line"), [("届出事項", STATED), ("未収", OWED), ("契約", CT_E1)])
def test_what_documents_cannot_show_is_named_at_its_cell(sheet, line):
    lines = {"契約": [CT_E1], "品目": [LINES], sheet: [line]}
    if sheet == "契約":
        lines["契約"] = [{**CT_E1, "販売代理店": "代理店😀"}]
    (contract,) = _read(("a.xlsx", book(lines))).contracts
    (said,) = contract.problems
    assert place(said).split(" / ")[2] in ("内容", "書類番号", "販売代理店")
    assert sentence(said) == (
        "請求書や通知書に印字できない文字があります：😀 (U+1F600)。別の文字で入力してください。"
    )
