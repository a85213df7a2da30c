"""The sheets and columns of a file of running contracts."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from contracts.extensions.registered import takeover_parts
from contracts.extensions.takeover import Column, Sheet

OLD_NUMBER = Column(
    key="old_number",
    ja="旧契約番号",
    note=_(
        "The contract's number in the old system: it joins the sheets, and lets the contract be known again."
    ),
    required=True,
    longest=60,
)
PAYMENT_METHODS = {
    "transfer": "transfer",
    "debit": "debit",
    "振込": "transfer",
    "銀行振込": "transfer",
    "口座振替": "debit",
}

_OF_CONTRACTS = (
    OLD_NUMBER,
    Column(key="service", ja="サービス", note=_("Its short name in the portal, or its name."), required=True),
    Column(key="corporate_number", ja="法人番号", note=_("Of the customer; 13 digits.")),
    Column(
        key="customer",
        ja="顧客名",
        note=_("The customer's name as the portal knows it; needed where there is no corporate number."),
        longest=200,
    ),
    Column(key="agent", ja="販売代理店", note=_("Who sold it; a note for staff."), longest=200, printed=True),
    Column(
        key="version",
        ja="約款の版",
        note=_("The version that was agreed to; empty: the one in force on the day of formation."),
        longest=40,
    ),
    Column(
        key="formed_on",
        ja="成立日",
        note=_("The day on which the contract was formed."),
        kind="day",
        required=True,
    ),
    Column(
        key="service_starts_on",
        ja="利用開始日",
        note=_("The first day of use."),
        kind="day",
        required=True,
    ),
    Column(
        key="billed_from_on",
        ja="課金開始日",
        note=_("The first day that is charged; empty: as the terms have it."),
        kind="day",
    ),
    Column(
        key="minimum_ends_on",
        ja="最低利用期間満了日",
        note=_("Compared with what the terms give; may be empty."),
        kind="day",
    ),
    Column(
        key="term_ends_on",
        ja="現契約期間満了日",
        note=_("The last day of the current term, compared with what the terms give; may be empty."),
        kind="day",
    ),
    Column(
        key="payment_method",
        ja="支払方法",
        note=_("振込 (transfer) or 口座振替 (debit)."),
        kind="choice",
        choices=PAYMENT_METHODS,
        required=True,
    ),
    Column(
        key="notice_on",
        ja="解約通知受領日",
        note=_("The day on which the customer's notice of the end came, where it gave one."),
        kind="day",
    ),
    Column(key="ends_on", ja="終了日", note=_("The last day of use, where notice was given."), kind="day"),
)

PARTICULARS = Sheet(
    key="particulars",
    ja="届出事項",
    note=_("What the customer stated, by the names of the fields of the application."),
    columns=(
        OLD_NUMBER,
        Column(key="field", ja="項目", note=_("The field's name or key."), required=True, longest=100),
        Column(key="value", ja="内容", note=_("What was stated."), required=True, longest=600, printed=True),
    ),
)
PRODUCTS = Sheet(
    key="products",
    ja="品目",
    note=_("What the contract holds, a line for each quantity and stretch of time."),
    columns=(
        OLD_NUMBER,
        Column(key="product", ja="品目", note=_("The product's name or key."), required=True),
        Column(key="quantity", ja="数量", note=_("A whole number."), kind="number", required=True),
        Column(
            key="starts_on",
            ja="利用開始日",
            note=_("The first day of use; empty: that of the contract."),
            kind="day",
        ),
        Column(key="ends_on", ja="利用終了日", note=_("The last day of use; empty: it goes on."), kind="day"),
        Column(
            key="billed_from_on",
            ja="課金開始日",
            note=_("The first day that is charged; empty: with the first day of use, or with the contract."),
            kind="day",
        ),
    ),
)
AGREEMENTS = Sheet(
    key="agreements",
    ja="個別契約",
    note=_("What was agreed individually and goes before the terms."),
    columns=(
        OLD_NUMBER,
        Column(key="title", ja="表題", note=_("What it is called."), required=True, longest=120),
        Column(key="effective_on", ja="効力発生日", note=_("Its first day."), kind="day", required=True),
        Column(key="ends_on", ja="終了日", note=_("Its last day; may be empty."), kind="day"),
        Column(
            key="rules",
            ja="置き換える規則",
            note=_("The rules that it replaces, as TOML, in the words of the policy."),
            required=True,
            longest=5000,
        ),
        Column(key="reason", ja="理由", note=_("Why; may be empty."), longest=2000),
    ),
)
CONSENTS = Sheet(
    key="consents",
    ja="同意書",
    note=_("Versions of the terms to which the customer agreed on paper. Keep the papers."),
    columns=(
        OLD_NUMBER,
        Column(key="version", ja="約款の版", note=_("Its name in the portal."), required=True, longest=40),
        Column(key="agreed_on", ja="同意日", note=_("The day on the paper."), kind="day", required=True),
    ),
)


def contracts_sheet() -> Sheet:
    """The sheet of contracts, with what apps above want to know of each."""
    further = tuple(column for parts in takeover_parts() for column in parts.columns)
    return Sheet(
        key="contracts", ja="契約", note=_("A line for each contract."), columns=(*_OF_CONTRACTS, *further)
    )


def sheets() -> Iterator[Sheet]:
    """All sheets of a file, that of contracts first."""
    yield from (contracts_sheet(), PARTICULARS, PRODUCTS, AGREEMENTS, CONSENTS)
    for parts in takeover_parts():
        yield from (part.sheet for part in parts.parts if part.sheet)
