"""The tables of fields of the bank files that are read and written.

Sources, compared field by field:

- the bankers' association's 適用業務およびレコード・フォーマット (AP-Ⅰ-12 別冊, December 2019), through an
  open implementation that states it as its source: kinds 91, 01 (forms A and B) and 03, with all positions;
- another open implementation of kinds 01 (form A) and 03 (Diva.Zengin): the same lengths throughout;
- published layouts of banks: 阿波銀行 (01), きらぼし銀行 (03), 宮崎銀行 and 北國銀行 (91), 群馬銀行 (21).

Where they differ:

- Kind 01 has two forms under the same code: form B has two further amounts of 12 digits in bytes 129–152,
  where form A has EDI information and blanks. The bank above publishes form A alone. Both are read, told
  apart by those bytes; form A is written.
- The account number has 7 digits in kind 01 and 10 in kind 03, with three zeros before the account kind.
- 取引区分 15 (継続) is in the association's table only; any two digits are taken.
- Days are in the Japanese calendar without the era (YYMMDD). Not every bank keeps to that: see `days.py`.
- The customer number of kind 91 is digits in the association's table; it is read as text, in case a bank
  gives back something else, and written as digits.
"""

from __future__ import annotations

from dataclasses import replace

from .fields import Field, Layout, Record, blank, digits, number, text

_TO_200 = 200
_TO_120 = 120


def _record(mark: str, length: int, *fields: Field) -> Record:
    """A record that is filled up with blanks to its length."""
    used = 1 + sum(field.length for field in fields)
    return Record(mark, (*fields, blank(length - used)))


DIRECT_DEBIT = Layout(
    "91",
    header=_record(
        "1",
        _TO_120,
        digits("kind", 2),
        digits("code", 1, "0"),
        digits("consignor_code", 10),
        text("consignor_name", 40),
        digits("debit_day", 4),
        digits("bank_code", 4),
        text("bank_name", 15),
        digits("branch_code", 3),
        text("branch_name", 15),
        digits("account_kind", 1, "129"),
        digits("account_number", 7),
    ),
    data=_record(
        "2",
        _TO_120,
        digits("bank_code", 4),
        text("bank_name", 15),
        digits("branch_code", 3),
        text("branch_name", 15),
        blank(4),
        digits("account_kind", 1, "1239"),
        digits("account_number", 7),
        text("holder", 30),
        number("amount", 10),
        digits("new_code", 1, "012"),
        text("customer_number", 20),
        digits("result", 1, "0123489"),
    ),
    trailer=_record(
        "8",
        _TO_120,
        number("count", 6),
        number("amount", 12),
        number("done_count", 6),
        number("done_amount", 12),
        number("failed_count", 6),
        number("failed_amount", 12),
    ),
    end=_record("9", _TO_120),
)

TRANSFERS = Layout(
    "21",
    header=_record(
        "1",
        _TO_120,
        digits("kind", 2),
        digits("code", 1, "0"),
        digits("consignor_code", 10),
        text("consignor_name", 40),
        digits("transfer_day", 4),
        digits("bank_code", 4),
        text("bank_name", 15),
        digits("branch_code", 3),
        text("branch_name", 15),
        digits("account_kind", 1, "129"),
        digits("account_number", 7),
    ),
    data=_record(
        "2",
        _TO_120,
        digits("bank_code", 4),
        text("bank_name", 15),
        digits("branch_code", 3),
        text("branch_name", 15),
        blank(4, "0"),
        digits("account_kind", 1, "1249"),
        digits("account_number", 7),
        text("holder", 30),
        number("amount", 10),
        digits("new_code", 1, "012"),
        text("reference", 20),
        digits("by_wire", 1, "78"),
        text("edi", 1),
    ),
    trailer=_record("8", _TO_120, number("count", 6), number("amount", 12)),
    end=_record("9", _TO_120),
)

_PERIOD = (digits("created_on", 6), digits("from_day", 6), digits("to_day", 6))
_AT_BANK = (
    digits("bank_code", 4),
    text("bank_name", 15),
    digits("branch_code", 3),
    text("branch_name", 15),
)

_DEPOSIT = (
    digits("inquiry_number", 6),
    digits("booked_on", 6),
    digits("value_on", 6),
    number("amount", 10),
    number("cheque_amount", 10),
    digits("payer_code", 10),
    text("payer", 48),
    text("from_bank", 15),
    text("from_branch", 15),
    text("cancelled", 1),
)

DEPOSITS = Layout(
    "01",
    header=_record(
        "1",
        _TO_200,
        digits("kind", 2),
        digits("code", 1, "0"),
        *_PERIOD,
        *_AT_BANK,
        digits("account_kind", 1, "124"),
        digits("account_number", 7),
        text("account_name", 40),
    ),
    data=_record("2", _TO_200, *_DEPOSIT, text("edi", 20)),
    trailer=_record(
        "8",
        _TO_200,
        number("count", 6),
        number("amount", 12),
        number("cancelled_count", 6),
        number("cancelled_amount", 12),
    ),
    end=_record("9", _TO_200),
)

DEPOSITS_FORM_B = replace(
    DEPOSITS,
    data=_record(
        "2",
        _TO_200,
        *_DEPOSIT,
        number("large_amount", 12),
        number("large_cheque_amount", 12),
        text("edi", 20),
    ),
)

TRANSACTIONS = Layout(
    "03",
    header=_record(
        "1",
        _TO_200,
        digits("kind", 2),
        digits("code", 1, "0"),
        *_PERIOD,
        *_AT_BANK,
        blank(3, "0"),
        digits("account_kind", 1, "124567"),
        digits("account_number", 10),
        text("account_name", 40),
        text("overdrawn_before", 1),
        text("passbook", 1),
        number("balance_before", 14),
    ),
    data=_record(
        "2",
        _TO_200,
        digits("inquiry_number", 8),
        digits("booked_on", 6),
        digits("value_on", 6),
        digits("direction", 1, "12"),
        digits("transaction_kind", 2),
        number("amount", 12),
        number("cheque_amount", 12),
        text("presented_on", 6),
        text("returned_on", 6),
        text("bill_kind", 1),
        text("bill_number", 7),
        text("other_branch", 3),
        digits("payer_code", 10),
        text("payer", 48),
        text("from_bank", 15),
        text("from_branch", 15),
        text("remark", 20),
        text("edi", 20),
    ),
    trailer=_record(
        "8",
        _TO_200,
        number("in_count", 6),
        number("in_amount", 13),
        number("out_count", 6),
        number("out_amount", 13),
        text("overdrawn_after", 1),
        number("balance_after", 14),
        number("count", 7),
    ),
    end=_record("9", _TO_200, number("records", 10), number("accounts", 5)),
)
