"""Who may have paid: the few that are read for an entry are the first that all open items would give."""

import pytest

from billing.models import BankTransaction, CreditEntry, Invoice, PayerName
from billing.receivables.allocation import suggestions
from billing.receivables.bank import candidates as reading
from billing.receivables.bank.candidates import (
    candidates,
    candidates_among,
    candidates_without_doubt,
    received,
)
from billing.receivables.credits import book, locked_balance
from billing.runs.bill import bill
from contracts.rules.calendar.period import Month
from portal.organisations.models import Organisation
from portal.organisations.operations import OrganisationDetails, create_organisation
from tests.billing_scene import ISSUE_DAY, OCTOBER, load_priced_service, make_contract
from tests.member_scene import person
from tests.receivables_scene import PAID_ON, bank_account, came_in, entry

NAMES = (
    "カブシキガイシャヤマダショウジ",
    "ヤマダショウジ",
    "ヤマダ",
    "ヤマダショウジセツビ",
    "ヴァンケンコウホケンクミアイ",
    "ノウギョウキョウドウクミアイミナト",
    "ミナトショウジ",
    "トウ",
    "",
    "ケンコウホケンクミアイタンタイ",
)
BEFORE = "ﾔﾏﾀﾞﾎﾝﾃﾝ"
"""Under this name the last one paid before."""
KEPT = 1_000
"""So much is kept for its first invoice."""
SHOWN = 5


@pytest.fixture
def account(db):
    """Customers who owe two months each, by turns 11,000 and 16,500 yen a month."""
    service = load_priced_service("ct-e1")
    for place, kana in enumerate(NAMES):
        owner = person(f"payer{place}@customer.example")
        details = OrganisationDetails(
            name=f"計測{place}",
            kana=kana,
            postal_code="100-0001",
            address="東京都千代田区千代田1-1",
            phone="03-0000-0000",
            invoice_email=owner.email,
        )
        organisation = create_organisation(owner, details)
        make_contract(service, organisation, owner, f"C26-{place:06}", {"line": 2 + place % 2})
    for month, issued_on in ((OCTOBER, ISSUE_DAY), (Month(2026, 11), PAID_ON)):
        bill(service.provider, month, issued_on)
    last = Organisation.objects.latest("pk")
    PayerName.objects.create(organisation=last, name=BEFORE)
    first = Invoice.objects.filter(debtor=last).earliest("open_due_on", "number")
    balance = locked_balance(service.provider, last)
    book(balance, CreditEntry.Kind.HELD, KEPT, PAID_ON, "kept", claim=first)
    return bank_account(service.provider)


def test_the_likeliest_of_few_are_those_of_all_open_items(
    account, monkeypatch, django_assert_max_num_queries
):
    """By name or a part of it, by an earlier one, by numbers, by amounts; of many alike, the first."""
    monkeypatch.setattr(reading, "MOST", SHOWN)
    provider, everybody = account.provider, list(Organisation.objects.values_list("pk", flat=True))
    month = {count: Invoice.objects.filter(contract__number__endswith=count)[0].gross for count in "01"}
    amounts = {1, month["0"], 2 * month["0"], month["1"] - KEPT, 2 * month["1"] - KEPT, month["1"]}
    payers = ("ｶ)ﾔﾏﾀﾞｼﾖｳｼﾞ", "ﾔﾏﾀﾞ", "ﾔﾏﾀﾞﾎﾝﾃﾝ", "ﾔﾏﾀﾞｼﾖｳｼﾞｾﾂﾋﾞﾄｳｷﾖｳ", "ｳﾞｱﾝｹﾝﾎﾟ", "ﾉｳｷﾖｳﾐﾅﾄ", "ﾄｳ", "ﾄ", "ﾀﾞﾚｶ", "")
    number = Invoice.objects.latest("pk").number
    references = ("", f"ｾｲｷﾕｳ {number.replace('-', '')}", number[-11:])
    came_in(account, *(
        entry(amount, payer, reference=reference)
        for amount in sorted(amounts)
        for payer in payers
        for reference in references
    ))  # fmt: skip
    stored = list(BankTransaction.objects.select_related("account__provider"))
    every = candidates_among(provider, everybody, PAID_ON)
    certain = candidates_without_doubt(provider, stored, PAID_ON)
    told = dict.fromkeys(("reference", "name", "similar_name", "amount", "total"), 0)
    for one in stored:
        with django_assert_max_num_queries(16):
            few = candidates(one, PAID_ON)
        assert suggestions(one, few)[:SHOWN] == suggestions(one, every)[:SHOWN], one
        assert certain.matcher.certain(received(one)) == every.matcher.certain(received(one)), one
        for found in suggestions(one, few):
            told.update({reason: told[reason] + 1 for reason in found.reasons if reason in told})
    assert len(stored) == len(amounts) * len(payers) * len(references)
    assert all(told.values()), told
    assert any(certain.matcher.certain(received(one)) for one in stored)
