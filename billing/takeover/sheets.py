"""The sheets and columns that billing adds to a file of running contracts."""

from django.utils.translation import gettext_lazy as _

from billing.models import AccountKind
from contracts.extensions.takeover import Column, Sheet

OLD_NUMBER = Column(
    key="old_number",
    ja="旧契約番号",
    note=_("The contract's number in the old system."),
    required=True,
    longest=60,
)
_YES = {"あり": "yes", "有": "yes", "yes": "yes", "なし": "no", "無": "no", "no": "no"}
_KINDS = {
    "普通": AccountKind.ORDINARY.value,
    "ordinary": AccountKind.ORDINARY.value,
    "当座": AccountKind.CURRENT.value,
    "current": AccountKind.CURRENT.value,
}

INVOICED_THROUGH = Column(
    key="invoiced_through",
    ja="請求済み期間の末日",
    note=_("The last day of the last month that the old system invoiced; needed where charging has begun."),
    kind="day",
)

OPEN_ITEMS = Sheet(
    key="open_items",
    ja="未収",
    note=_(
        "What is not paid yet, under the numbers of the old system's documents; no invoice is issued anew."
    ),
    columns=(
        OLD_NUMBER,
        Column(
            key="document",
            ja="書類番号",
            note=_("The number on the invoice."),
            required=True,
            longest=20,
            printed=True,
        ),
        Column(key="issued_on", ja="発行日", note=_("When it was issued."), kind="day", required=True),
        Column(key="due_on", ja="支払期日", note=_("When it is, or was, due."), kind="day", required=True),
        Column(key="total", ja="請求額", note=_("Its total with tax, in yen."), kind="amount", required=True),
        Column(
            key="open",
            ja="未収額",
            note=_("What of it is not paid, in yen; empty: all."),
            kind="amount",
        ),
        Column(key="month", ja="請求月", note=_("The month that it is for; may be empty."), kind="month"),
    ),
)
CREDITS = Sheet(
    key="credits",
    ja="預り金",
    note=_("What the customer has to its credit."),
    columns=(
        OLD_NUMBER,
        Column(
            key="document",
            ja="書類番号",
            note=_("What names it in the old system."),
            required=True,
            longest=60,
            printed=True,
        ),
        Column(key="on", ja="発生日", note=_("Since when it is there."), kind="day", required=True),
        Column(key="amount", ja="金額", note=_("In yen."), kind="amount", required=True),
    ),
)
DEPOSITS = Sheet(
    key="deposits",
    ja="保証金",
    note=_("Deposits that the provider holds; one for a contract."),
    columns=(
        OLD_NUMBER,
        Column(key="amount", ja="金額", note=_("What is held of it, in yen."), kind="amount", required=True),
        Column(key="received_on", ja="受領日", note=_("When it came in."), kind="day", required=True),
        Column(
            key="document",
            ja="書類番号",
            note=_("What names it in the old system."),
            longest=60,
            printed=True,
        ),
    ),
)
MANDATES = Sheet(
    key="mandates",
    ja="口座振替",
    note=_("The account that the customer lets the provider debit."),
    columns=(
        OLD_NUMBER,
        Column(key="bank_code", ja="銀行コード", note=_("4 digits."), required=True, longest=4),
        Column(key="bank_name", ja="銀行名", note=_("In kana."), required=True, longest=15),
        Column(key="branch_code", ja="支店コード", note=_("3 digits."), required=True, longest=3),
        Column(key="branch_name", ja="支店名", note=_("In kana."), required=True, longest=15),
        Column(
            key="account_kind",
            ja="預金種目",
            note=_("普通 (ordinary) or 当座 (current)."),
            kind="choice",
            choices=_KINDS,
            required=True,
        ),
        Column(key="account_number", ja="口座番号", note=_("Up to 7 digits."), required=True, longest=7),
        Column(
            key="holder", ja="口座名義", note=_("In kana, as the bank has it."), required=True, longest=30
        ),
        Column(
            key="used",
            ja="振替実績",
            note=_("Whether it was debited before: あり (yes) or なし (no)."),
            kind="choice",
            choices=_YES,
        ),
    ),
)
USAGE = Sheet(
    key="usage",
    ja="未請求利用",
    note=_("Use that the old system has not invoiced."),
    columns=(
        OLD_NUMBER,
        Column(key="product", ja="品目", note=_("The product's name or key."), required=True),
        Column(key="month", ja="利用月", note=_("The month of use."), kind="month", required=True),
        Column(
            key="quantity",
            ja="数量",
            note=_("A whole number; yen where that is the unit."),
            kind="amount",
            required=True,
        ),
        Column(
            key="occurred_on", ja="利用日", note=_("A day of that month; empty: its last one."), kind="day"
        ),
        Column(
            key="reference", ja="明細番号", note=_("What names it in its source."), required=True, longest=100
        ),
    ),
)
