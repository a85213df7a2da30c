"""Bank files: what is written is read back, and a file with anything wrong is refused whole."""

from dataclasses import replace
from datetime import date

import jaconv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.documents.bank_files.accounts import Account
from billing.documents.bank_files.charset import bank_kana, comparable_name
from billing.documents.bank_files.csv_statement import ENCODINGS, Columns, csv_marks, read_csv
from billing.documents.bank_files.days import read_day, write_day
from billing.documents.bank_files.direct_debit import Debit, DebitFile, read_debits, write_debits
from billing.documents.bank_files.layouts import DEPOSITS, DEPOSITS_FORM_B, DIRECT_DEBIT, TRANSACTIONS
from billing.documents.bank_files.problems import BankFileError
from billing.documents.bank_files.transactions import (
    Entry,
    Statement,
    read_statements,
    write_deposits,
    write_transactions,
)
from billing.documents.bank_files.written_days import read_written_day

TODAY = date(2026, 11, 20)
KANA = "ABCXYZ0189 ().-/｢｣ｱｶｻﾀﾅﾊﾏﾔﾗﾜﾝﾞﾟ"
ACCOUNT = Account(
    bank_code="0001", branch_code="012", kind="1", number="0123456", bank_name="ﾐﾎﾝ", branch_name="ﾎﾝﾃﾝ"
)


def kana(longest: int) -> st.SearchStrategy[str]:
    """Names as bank files hold them: without spaces at the ends or two in a row."""
    return st.text(KANA, max_size=longest).map(lambda text: " ".join(text.split()))


accounts = st.builds(
    Account,
    bank_code=st.from_regex(r"[0-9]{4}", fullmatch=True),
    branch_code=st.from_regex(r"[0-9]{3}", fullmatch=True),
    kind=st.sampled_from("12"),
    number=st.from_regex(r"[0-9]{7}", fullmatch=True),
    bank_name=kana(15),
    branch_name=kana(15),
)
debits = st.builds(
    Debit,
    account=accounts,
    holder=kana(30),
    amount=st.integers(0, 10**10 - 1),
    customer_number=st.integers(0, 10**20 - 1).map(lambda number: f"{number:020}"),
    new_code=st.sampled_from("012"),
    result=st.sampled_from("0123489"),
)
debit_files = st.builds(
    DebitFile,
    consignor_code=st.from_regex(r"[0-9]{10}", fullmatch=True),
    consignor_name=kana(40),
    debit_day=st.just("1127"),
    account=accounts,
    debits=st.lists(debits, max_size=5).map(tuple),
)
days = st.dates(date(2024, 1, 1), date(2029, 12, 31))
entries = st.builds(
    Entry,
    booked_on=days,
    value_on=days,
    amount=st.integers(1, 10**10 - 1),
    payer=kana(48),
    cancelled=st.booleans(),
    inquiry_number=st.integers(1, 999_999).map(str),
    payer_code=st.integers(1, 10**10 - 1).map(str),
    from_bank=kana(15),
    from_branch=kana(15),
    reference=kana(20).filter(lambda text: not text.isdigit()),
)
statements = st.builds(
    Statement, account=accounts, from_day=days, to_day=days, entries=st.lists(entries, max_size=5).map(tuple)
)


def debit_file(*amounts: int, **changed) -> DebitFile:
    made = tuple(
        Debit(account=ACCOUNT, holder="ﾔﾏﾀﾞ ﾊﾅｺ", amount=amount, customer_number=f"{place:020}")
        for place, amount in enumerate(amounts, 1)
    )
    values = {
        "consignor_code": "1234567890",
        "consignor_name": "ｼﾝﾌﾟﾙｺﾈｸﾄ",
        "debit_day": "1127",
        "account": ACCOUNT,
        "debits": made,
    }
    return DebitFile(**{**values, **changed})


def statement(*amounts: int) -> Statement:
    made = tuple(
        Entry(
            booked_on=date(2026, 11, 4),
            value_on=date(2026, 11, 4),
            amount=amount,
            payer="ｶ)ﾐﾅﾄｼﾖｳｼﾞ",
            inquiry_number=str(place),
        )
        for place, amount in enumerate(amounts, 1)
    )
    return Statement(account=ACCOUNT, from_day=date(2026, 11, 1), to_day=date(2026, 11, 30), entries=made)


def with_line_ends(content: bytes, length: int, end: bytes = b"\r\n") -> bytes:
    return b"".join(content[at : at + length] + end for at in range(0, len(content), length))


def changed(content: bytes, at: int, bytes_: bytes) -> bytes:
    """The content with other bytes from a position on, counted from 1."""
    return content[: at - 1] + bytes_ + content[at - 1 + len(bytes_) :]


def problems(call) -> list[tuple[int, str, str]]:
    with pytest.raises(BankFileError) as refused:
        call()
    return [(problem.line, problem.field, problem.key) for problem in refused.value.problems]


def test_every_record_has_the_length_of_its_format():
    lengths = {
        layout: {record.length for record in layout.records.values()}
        for layout in (DIRECT_DEBIT, DEPOSITS, DEPOSITS_FORM_B, TRANSACTIONS)
    }
    assert list(lengths.values()) == [{120}, {200}, {200}, {200}]


@pytest.mark.parametrize(
    ("record", "field", "position"),
    [
        (DIRECT_DEBIT.header, "debit_day", 55),
        (DIRECT_DEBIT.header, "account_number", 97),
        (DIRECT_DEBIT.data, "account_kind", 43),
        (DIRECT_DEBIT.data, "amount", 81),
        (DIRECT_DEBIT.data, "customer_number", 92),
        (DIRECT_DEBIT.data, "result", 112),
        (DIRECT_DEBIT.trailer, "failed_amount", 44),
        (DEPOSITS.data, "amount", 20),
        (DEPOSITS.data, "payer", 50),
        (DEPOSITS.data, "edi", 129),
        (DEPOSITS_FORM_B.data, "large_amount", 129),
        (DEPOSITS_FORM_B.data, "edi", 153),
        (TRANSACTIONS.header, "account_number", 64),
        (TRANSACTIONS.data, "direction", 22),
        (TRANSACTIONS.data, "amount", 25),
        (TRANSACTIONS.data, "payer", 82),
        (TRANSACTIONS.data, "edi", 180),
        (TRANSACTIONS.trailer, "count", 55),
    ],
)
def test_fields_stand_where_the_published_tables_have_them(record, field, position):
    assert record.position(field) == position


@given(debit_files)
def test_debits_are_read_as_they_were_written(file):
    content = write_debits(file, with_results=True)
    assert len(content) == 120 * (len(file.debits) + 3)
    assert read_debits(content) == file
    assert read_debits(with_line_ends(content, 120)) == file


@given(statements)
def test_deposits_are_read_as_they_were_written(written):
    content = write_deposits([written], TODAY)
    assert read_statements(content, TODAY) == (written,)
    assert read_statements(with_line_ends(content, 200), TODAY) == (written,)


@given(st.lists(statements, min_size=1, max_size=3), st.booleans())
def test_transactions_are_read_as_they_were_written(written, incoming):
    plain = [
        replace(
            one,
            entries=tuple(
                replace(entry, cancelled=False, incoming=incoming, remark="ﾌﾘｺﾐ") for entry in one.entries
            ),
        )
        for one in written
    ]
    assert list(read_statements(write_transactions(plain, TODAY), TODAY)) == plain


def test_a_request_has_no_results_yet():
    content = write_debits(debit_file(1000, 2000))
    trailer = content[120 * 3 : 120 * 4].decode("shift_jis")
    assert trailer[:19] == "8000002000000003000"
    assert trailer[19:55] == "0" * 36
    assert read_debits(content, with_results=False) == debit_file(1000, 2000)


def test_an_amount_above_ten_digits_comes_in_form_b():
    content = write_deposits([statement(1)], TODAY)
    form_b = changed(content, 200 + 20, b"0" * 10)
    form_b = changed(form_b, 200 + 129, b"012345678901" + b"0" * 12)
    form_b = changed(form_b, 400 + 8, b"012345678901")
    ((entry,),) = (one.entries for one in read_statements(form_b, TODAY))
    assert entry.amount == 12_345_678_901


@pytest.mark.parametrize("name", ["amount", "count", "done_count", "failed_amount"])
def test_a_trailer_that_does_not_add_up_refuses_the_file(name):
    content = write_debits(debit_file(1000, 2000), with_results=True)
    at = 120 * 3 + DIRECT_DEBIT.trailer.position(name)
    assert problems(lambda: read_debits(changed(content, at, b"000009"))) == [(4, name, "total")]


def test_every_problem_of_a_file_is_named():
    content = write_transactions([statement(1000, 2000)], TODAY)
    content = changed(content, 200 + 25, b"00000000X000")
    content = changed(content, 400 + 10, b"081332")
    content = changed(content, 600 + 2, b"000009")
    assert problems(lambda: read_statements(content, TODAY)) == [
        (2, "amount", "digits"),
        (3, "booked_on", "day"),
    ]


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (lambda content: b"", (0, "", "empty")),
        (lambda content: b"\r\n\x1a", (0, "", "empty")),
        (lambda content: content[:-1], (4, "", "length")),
        (lambda content: content[:-120], (0, "", "incomplete")),
        (lambda content: changed(content, 121, b"5"), (2, "", "record_unknown")),
        (lambda content: content + content[:120], (5, "", "record_order")),
        (lambda content: changed(content, 130, b"\x81\x40"), (2, "", "charset")),
        (lambda content: changed(content, 130, b"\x00"), (2, "", "charset")),
        (lambda content: changed(content, 2, b"21"), (1, "kind", "kind")),
        (lambda content: changed(content, 120 + 112, b"7"), (2, "result", "code")),
        (lambda content: with_line_ends(content, 120).replace(b"\r\n", b" \r\n", 1), (1, "", "length")),
        (lambda content: "振込".encode() * 40, (1, "", "charset")),
    ],
)
def test_a_broken_file_is_refused(broken, expected):
    content = write_debits(debit_file(1000), with_results=True)
    assert expected in problems(lambda: read_debits(broken(content)))


@pytest.mark.parametrize("content", [b"", b"hello", b"191", write_debits(debit_file(1))])
def test_what_is_no_statement_is_refused(content):
    ((_line, _field, key),) = problems(lambda: read_statements(content, TODAY))
    assert key == "kind"


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"consignor_name": "株式会社見本"}, "not_bank_kana"),
        ({"consignor_name": "ｱ" * 41}, "too_long"),
        ({"consignor_code": "12345678901"}, "too_long"),
        ({"consignor_code": "12-4"}, "digits"),
        ({"account": replace(ACCOUNT, kind="7")}, "code"),
    ],
)
def test_what_does_not_fit_is_not_written(values, key):
    assert key in [found[2] for found in problems(lambda: write_debits(debit_file(1, **values)))]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("カブシキガイシャ　ミナト", "ｶﾌﾞｼｷｶﾞｲｼﾔ ﾐﾅﾄ"),
        ("みなと商事".replace("商事", "しょうじ"), "ﾐﾅﾄｼﾖｳｼﾞ"),
        ("カ）コムデザイン", "ｶ)ｺﾑﾃﾞｻﾞｲﾝ"),
        ("Ｄａｔａセンター・１", "DATAｾﾝﾀ-.1"),
        ("ヴィラ", "ｳﾞｲﾗ"),
    ],
)
def test_names_are_written_as_banks_do(text, written):
    assert bank_kana(text) == written


def test_kanji_cannot_be_written():
    with pytest.raises(BankFileError, match="見本"):
        bank_kana("カ）見本")


@pytest.mark.parametrize(
    "written", ["ｶ)ﾐﾅﾄｼﾖｳｼﾞ", "ﾐﾅﾄｼﾖｳｼﾞ(ｶ", "カブシキガイシャミナトショウジ", "ミナト ショウジ"]
)
def test_names_compare_without_the_form_of_the_company(written):
    assert comparable_name(written) == "ﾐﾅﾄｼﾖｳｼﾞ"


FORMS = [
    "ｶ",
    "ﾕ",
    "ﾒ",
    "ｼ",
    "ﾄﾞ",
    "ｲ",
    "ｲｼﾔ",
    "ｲｻﾞｲ",
    "ｼﾔ",
    "ｻﾞｲ",
    "ｶﾞｸ",
    "ﾌｸ",
    "ﾄｸﾋ",
    "ｼﾕｳ",
    "ﾎｺﾞ",
    "ｿｳ",
    "ｿ",
    "ﾄﾞｸ",
    "ﾁﾄﾞｸ",
    "ﾍﾞﾝ",
    "ｼﾎｳ",
    "ｾﾞ",
    "ｾﾞｲ",
    "ｷﾞﾖ",
    "ﾛｳ",
    "ﾄﾁ",
    "ﾉｳ",
    "ﾀﾞｲ",
    "ｶﾝﾘ",
    "ﾁﾕｳ",
    "ｹﾝ",
    "ﾓｸ",
    "ｼﾂ",
]


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_a_corporation_is_left_out_before_behind_and_within(form):
    for written in (
        f"{form})ﾐﾅﾄｶｲ",
        f"{form}) ﾐﾅﾄｶｲ",
        f"ﾐﾅﾄｶｲ({form}",
        f"ﾐﾅﾄｶｲ ({form}",
        f"ﾐﾅﾄｶｲ({form})",
        f"ﾐﾅﾄ({form})ｶｲ",
        f"({form})ﾐﾅﾄｶｲ",
        jaconv.h2z(f"{form})ﾐﾅﾄｶｲ", ascii=True),
    ):
        assert comparable_name(written) == "ﾐﾅﾄｶｲ", written


@pytest.mark.parametrize(
    "written",
    [
        "ｲﾘﾖｳﾎｳｼﾞﾝﾐﾅﾄ",
        "イリョウホウジンシャダン ミナト",
        "一般社団法人ミナト",
        "イッパンシャダンホウジンミナト",
        "公益財団法人みなと",
        "ミナトベンゴシホウジン",
        "トクテイヒエイリカツドウホウジンミナト",
        "NPO法人ミナト",
        "ﾄﾞｸﾘﾂｷﾞﾖｳｾｲﾎｳｼﾞﾝﾐﾅﾄ",
        "カブシキ　ガイシャ　ミナト",
        "ミナト合資会社",
        "ｺﾞｳｼｶﾞｲｼﾔﾐﾅﾄ",
        "（株）ミナト",
        "㈱ミナト",
        "ｶ)ﾐﾅﾄ(ｴｲ",
        "ｶ)ﾐﾅﾄ(ｼﾕﾂ)",
        "ｲ)ｼﾔ)ﾐﾅﾄ",
        "ﾐﾅﾄｶ)",
        "ﾐﾅﾄ ｶ)",
        "ｶ )ﾐﾅﾄ",
    ],
)
def test_forms_that_are_written_out_are_left_out(written):
    assert comparable_name(written) == "ﾐﾅﾄ"


def test_what_only_ends_like_a_form_stays():
    assert comparable_name("ﾀﾅｶ(ﾕﾀｶ)") == "ﾀﾅｶﾕﾀｶ"
    assert comparable_name("ﾐﾅﾄｶｲ") == "ﾐﾅﾄｶｲ"


def test_cooperatives_compare_as_banks_abbreviate_them():
    names = ("ミナトノウギョウキョウドウクミアイ", "ﾐﾅﾄﾉｳｷﾖｳｸﾐ", "ﾐﾅﾄ(ﾉｳｷﾖｳ", "ﾐﾅﾄﾉｳｷﾖｳ")
    assert {comparable_name(name) for name in names} == {"ﾐﾅﾄﾉｳｷﾖｳ"}


def test_marks_that_stand_apart_are_joined_and_kana_without_half_width_are_written():
    assert bank_kana("か\u3099くえん") == comparable_name("カ\u3099クエン") == "ｶﾞｸｴﾝ"
    assert bank_kana("ｶ\u3099ﾊ\u309a") == "ｶﾞﾊﾟ"
    assert bank_kana("ヶヵヮヰヱゎゐゑ") == "ｹｶﾜｲｴﾜｲｴ"


@pytest.mark.parametrize("dash", "ー－−‐‑‒–—―─ｰ")
def test_each_dash_is_the_long_vowel(dash):
    assert bank_kana(f"セ{dash}タ") == "ｾ-ﾀ"
    assert comparable_name(f"セ{dash}タ") == "ｾﾀ"


@given(days)
def test_days_come_back(day):
    assert read_day(write_day(day), TODAY) == day


@pytest.mark.parametrize(
    ("digits", "day"),
    [
        ("080501", date(2026, 5, 1)),
        ("260501", date(2026, 5, 1)),
        ("310430", date(2031, 4, 30)),
        ("081301", None),
        ("080230", None),
        ("08050a", None),
        ("08051", None),
    ],
)
def test_the_reading_of_a_year_that_lies_nearest_is_taken(digits, day):
    assert read_day(digits, TODAY) == day


COLUMNS = Columns(encoding="cp932", day="取引日", payer="摘要", incoming="入金金額", outgoing="出金金額")
CSV = '"取引日","摘要","出金金額","入金金額","残高"\r\n'


def csv_file(*rows: str) -> bytes:
    return (CSV + "\r\n".join(rows)).encode("cp932")


def test_a_banks_csv_is_read_by_its_columns():
    content = csv_file(
        '"2026/11/4","ﾌﾘｺﾐ ｶ)ﾐﾅﾄｼﾖｳｼﾞ","","1,234","5000"', '"令和8年11月5日","ﾃｽｳﾘﾖｳ","440","","4560"', ""
    )
    found = read_csv(content, COLUMNS)
    assert [(entry.booked_on.day, entry.amount, entry.incoming, entry.line) for entry in found.entries] == [
        (4, 1234, True, 2),
        (5, 440, False, 3),
    ]


def test_a_csv_with_signed_amounts_and_rows_before_the_headings():
    columns = Columns(encoding="utf-8-sig", day="日付", payer="名義", amount="金額", rows_before=1)
    content = "﻿口座,普通1234567\n日付,名義,金額\n20261104,ﾐﾅﾄ,-500\n20261105,ﾐﾅﾄ,¥700\n".encode()
    assert [(entry.amount, entry.incoming) for entry in read_csv(content, columns).entries] == [
        (500, False),
        (700, True),
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (csv_file("2026/13/4,x,,1,1"), [(2, "取引日", "day")]),
        (csv_file("2026/11/4,x,,12.5,1"), [(2, "入金金額", "amount")]),
        (csv_file("2026/11/4,x,,,1"), [(0, "", "no_entries")]),
        (csv_file("2026/11/4,x,1,1,1"), [(2, "", "both_amounts")]),
        (
            csv_file("2026/11/4,x,1", "x,x,,y,1"),
            [(2, "", "cells"), (3, "入金金額", "amount"), (3, "取引日", "day")],
        ),
        (csv_file(), [(0, "", "empty")]),
        (b"", [(0, "", "empty")]),
        ("日付,入金金額\n1,2".encode("cp932"), [(1, "", "column_missing")] * 3),
        ("取引日,摘要\n".encode() + b"\xff\xff", [(1, "", "encoding")]),
    ],
)
def test_a_csv_with_problems_is_refused_with_all_of_them(content, expected):
    assert problems(lambda: read_csv(content, COLUMNS)) == expected


@pytest.mark.parametrize(
    "written", ["2026/11/04", "2026-11-4", "20261104", "R8.11.4", "令和８年１１月４日", "2026/11/04 09:30"]
)
def test_days_as_banks_write_them_in_csv(written):
    assert read_written_day(written) == date(2026, 11, 4)


@pytest.mark.parametrize(
    "written",
    [
        "令和 8年11月 4日",
        "令和8年11月04日（水）",
        "R8.11.04",
        "R 8. 11. 4",
        "8.11.04",
        "26.11.4",
        "2026年11月4日(水)",
        "2026. 11. 4",
        "2026/11/04 水曜日",
        "2026/11/04 (Wed) 09:30:00",
        "20261104 093000",
    ],
)
def test_days_are_read_with_blanks_weekdays_and_years_of_reiwa(written):
    assert read_written_day(written, TODAY) == date(2026, 11, 4)


@pytest.mark.parametrize("written", ["", "2026114", "11/4", "0.1.1", "2026/2/29", "令和8年13月1日", "水曜日"])
def test_what_is_no_day_is_none(written):
    assert read_written_day(written, TODAY) is None


@pytest.mark.parametrize(
    ("written", "yen"),
    [
        ("¥1,234", 1234),
        ("\\1,234", 1234),
        ("￥１，２３４", 1234),
        ("1,234円", 1234),
        ("▲500", -500),
        ("△1,500", -1500),
        ("-¥500", -500),
        ("¥-500", -500),
        ("−500", -500),
        ("(500)", -500),
        ("（1,000）", -1000),
        ("+500", 500),
    ],
)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_amounts_as_banks_write_them(written, yen, encoding):
    columns = Columns(encoding="cp932", day="日付", payer="名義", amount="金額")
    text = f'日付,名義,金額\n20261104,ﾐﾅﾄ,"{written}"\n'
    if encoding == "cp932":
        text = text.replace("−", "－").replace("¥", "\\")  # as Shift_JIS has it: byte 5C
    (found,) = read_csv(text.encode(encoding), columns).entries
    assert (found.amount, found.incoming, found.cancelled) == (abs(yen), yen > 0, False)


def test_what_the_bank_takes_back_in_a_column_is_a_cancellation():
    (found,) = read_csv(csv_file('2026/11/4,ﾐﾅﾄ,,"▲500",1'), COLUMNS).entries
    assert (found.amount, found.incoming, found.cancelled) == (500, True, True)


def test_rows_that_sum_up_or_have_no_amount_are_skipped_with_their_lines():
    content = csv_file(
        "2026/11/1,前月繰越,,,5000",
        "2026/11/4,ﾐﾅﾄ,,100,5100",
        "2026/11/4,ｺﾞｳｹｲｼﾞﾑｼﾖ,,200,5300",
        "2026/11/5,利息,,0,5300",
        ",小　計,,300,",
        "合計,,,300",
        "",
    )
    found = read_csv(content + b"\x1a", COLUMNS)
    assert [entry.amount for entry in found.entries] == [100, 200]
    assert [(row.line, row.text) for row in found.skipped] == [
        (2, "前月繰越"),
        (5, "利息"),
        (6, "小　計"),
        (7, "合計"),
    ]


def test_a_payer_is_no_sum_however_a_remark_reads():
    columns = replace(COLUMNS, remark="残高")
    (found,) = read_csv(csv_file("2026/11/4,ﾐﾅﾄ,,100,合計"), columns).entries
    assert found.remark == "合計"


@pytest.mark.parametrize(("set_for", "written"), [ENCODINGS, ENCODINGS[::-1]])
def test_the_encoding_is_recognised_from_the_file(set_for, written):
    content = "取引日,摘要,出金金額,入金金額\n2026/11/4,ミナト,,5\n".encode(written)
    (found,) = read_csv(content, replace(COLUMNS, encoding=set_for)).entries
    assert found.payer == "ミナト"


def test_a_csv_tells_its_account_by_what_stands_above_or_in_a_column():
    above = Columns(encoding="cp932", day="日付", payer="名義", amount="金額", rows_before=1)
    beside = replace(above, rows_before=0)
    content = "口座,普通 No.1234567\n日付,名義,金額\n20261104,ﾐﾅﾄ,5\n".encode("cp932")
    assert csv_marks(content, [beside, above]) == csv_marks(content, [COLUMNS, above])
    assert (csv_marks(content, [above]).fits, csv_marks(content, [above]).numbers) == ((0,), {"1234567"})
    for stated in ("012-1234567", "普通　１２３４５６７", "口座：123-4567", "0001234567"):
        assert csv_marks(f"{stated}\n日付,名義,金額\n".encode("cp932"), [above]).numbers == {"1234567"}
    column = "日付,名義,金額,口座番号\n20261104,ﾐﾅﾄ,5,0012345\n".encode("cp932")
    assert csv_marks(column, [above, beside]).numbers == {"0012345"}
    assert csv_marks(b"", [above]).fits == ()


CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "0",
            "▲1",
            "(5)",
            "¥1,000",
            "\\1",
            "令和 8年11月 4日(水)",
            "8.11.4",
            "合計",
            "繰越",
            "ﾐﾅﾄ",
            '"',
            "1e9",
            "٣",
        ]
    ),
    st.text(max_size=12),
)


@given(st.lists(st.lists(CELLS, max_size=6), max_size=6), st.sampled_from(ENCODINGS), st.binary(max_size=3))
def test_whatever_a_csv_holds_it_is_read_or_refused_with_its_lines(rows, encoding, end):
    text = "取引日,摘要,出金金額,入金金額\n" + "\n".join(",".join(row) for row in rows)
    content = text.encode(encoding, errors="replace") + end
    try:
        found = read_csv(content, COLUMNS, TODAY)
    except BankFileError as refused:
        assert refused.problems
    else:
        assert all(entry.amount > 0 for entry in found.entries)
        lines = [entry.line for entry in found.entries] + [row.line for row in found.skipped]
        assert len(set(lines)) == len(lines)
    csv_marks(content, [COLUMNS])


@given(
    st.sampled_from([write_deposits, write_transactions]),
    st.lists(st.tuples(st.integers(0, 900), st.binary(min_size=1, max_size=4)), max_size=4),
    st.integers(0, 1000),
)
def test_whatever_became_of_a_banks_records_they_are_read_or_refused(write, changes, cut):
    content = write([statement(1000, 2000)], TODAY)
    for at, other in changes:
        content = content[:at] + other + content[at + len(other) :]
    try:
        assert read_statements(content[: cut or None], TODAY)
    except BankFileError as refused:
        assert refused.problems


@given(st.text(max_size=40))
def test_any_name_is_written_or_refused_and_compares_as_itself(text):
    assert comparable_name(comparable_name(text)) == comparable_name(text)
    try:
        assert comparable_name(bank_kana(text)) == comparable_name(text)
    except BankFileError as refused:
        assert refused.problems[0].key == "not_bank_kana"
