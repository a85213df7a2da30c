"""What is wrong with a bank file, in words: where, what, and what to do."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.documents.bank_files.problems import BankFileError, FileProblem

_MOST = 50

TEXTS = {
    "empty": _("The file is empty. Please choose the file that you got from the bank."),
    "no_entries": _("The file holds no amount that came in or went out."),
    "charset": _("Byte %(byte)s at position %(position)s is no character of bank files."),
    "encoding": _("The text is not written in %(encoding)s. Check the encoding that is set for the bank."),
    "length": _("The record has %(found)s bytes instead of %(expected)s. Is the file complete?"),
    "kind": _("The file is of kind %(found)s instead of %(expected)s. Is it the right file?"),
    "record_unknown": _("The record begins with “%(found)s”, which no record of such a file does."),
    "record_order": _("A record of kind “%(found)s” can't stand here."),
    "incomplete": _("A record of kind “%(missing)s” is missing. The file seems to be cut off."),
    "digits": _("“%(found)s” stands where digits must stand."),
    "code": _("“%(found)s” is not one of %(allowed)s."),
    "day": _("“%(found)s” is no day of the calendar."),
    "total": _("The trailer says %(found)s, but the records make %(expected)s."),
    "account_kind": _("Accounts of kind %(found)s have another kind of record and are not read."),
    "column_missing": _("There is no column “%(column)s”. Check the columns that are set for the bank."),
    "amount": _("“%(found)s” is no whole amount in yen."),
    "too_large": _("%(found)s yen are more than the %(most)s yen that one amount can be."),
    "both_amounts": _("The row has an amount that came in and one that went out."),
    "cells": _("The row has %(found)s columns instead of %(expected)s."),
    "cell_open": _("A cell of the row has no end: is there a quotation mark too many or too few?"),
    "too_long": _("“%(text)s” is longer than %(length)s characters."),
    "not_bank_kana": _("Bank files do not know these characters: %(characters)s. Write the name in kana."),
}

FIELDS = {
    "kind": _("kind of file"),
    "code": _("code of the characters"),
    "consignor_code": _("Consignor code"),
    "consignor_name": _("Account holder in kana"),
    "debit_day": _("Debit day"),
    "bank_code": _("Bank code"),
    "branch_code": _("Branch code"),
    "account_kind": _("Kind of account"),
    "account_number": _("Account number"),
    "holder": _("Account holder in kana"),
    "amount": _("Amount"),
    "customer_number": _("Customer number"),
    "result": _("Result"),
    "count": _("number of records"),
    "done_count": _("number of records done"),
    "done_amount": _("amount done"),
    "failed_count": _("number of records not done"),
    "failed_amount": _("amount not done"),
    "in_count": _("number of records that came in"),
    "in_amount": _("amount that came in"),
    "out_count": _("number of records that went out"),
    "out_amount": _("amount that went out"),
    "from_day": _("first day"),
    "to_day": _("last day"),
    "booked_on": _("Booked on"),
    "value_on": _("Value date"),
}
"""Fields as staff know them; others are called as the tables of fields call them."""


def file_problems(error: BankFileError) -> list[ValidationError]:
    """A sentence for each problem of a file, the first ones where there are very many."""
    told = [ValidationError(_sentence(problem), code=problem.key) for problem in error.problems[:_MOST]]
    if len(error.problems) > _MOST:
        text = gettext("And %(count)s more problems.") % {"count": len(error.problems) - _MOST}
        told.append(ValidationError(text))
    return told


def _sentence(problem: FileProblem) -> str:
    reason = str(TEXTS[problem.key]) % problem.given
    if problem.line and problem.field:
        where = gettext("Line %(line)s, %(field)s: %(reason)s")
    elif problem.line:
        where = gettext("Line %(line)s: %(reason)s")
    else:
        where = "%(reason)s"
    return where % {"line": problem.line, "field": FIELDS.get(problem.field, problem.field), "reason": reason}
