"""What a customer has to do stands first at home, is counted in the menu, and said by the contract's page."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Invoice
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from contracts.extensions.to_do import MOST, Area, ToDo, Urgency, in_order
from contracts.lifecycle.suspensions import suspend
from contracts.models import Contract
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.questions import ask_back
from contracts.rules.calendar.period import Month
from portal.organisations.members.inviting import invite
from portal.organisations.models import JoinRequest
from tests import scenes
from tests.member_scene import READER, join, limited
from tests.scenes import at, day

HOME = reverse("home")
TODAY = day("2026-11-20")
MORE_LINES = ProductChangeData(product="line", wanted_on=day("2027-02-01"), quantity=8)


def thing(**changed) -> ToDo:
    stated = {"kind": "payment", "area": Area.INVOICES, "text": "", "url": "/", "action": "", "day": TODAY}
    return ToDo(**{**stated, **changed})


@pytest.mark.parametrize(
    ("days", "urgency"),
    [(-1, Urgency.LATE), (0, Urgency.SOON), (14, Urgency.SOON), (15, Urgency.OPEN), (None, Urgency.OPEN)],
)
def test_what_presses_by_its_deadline(days, urgency):
    shown = thing(deadline=None if days is None else TODAY + timedelta(days=days))
    assert (shown.urgency, shown.days_left, shown.days_late) == (urgency, days, 1 if days == -1 else 0)


def test_what_presses_stands_first_and_what_has_no_day_last():
    late, later = thing(deadline=day("2026-11-01")), thing(deadline=day("2026-11-10"))
    stop, soon, undated = thing(presses=True), thing(deadline=day("2026-11-25")), thing()
    assert in_order([undated, soon, later, late, stop]) == [stop, late, later, soon, undated]


@pytest.fixture
def to_come(ct_e1, yamada) -> Contract:
    """A contract of which nothing waits, as it begins next year."""
    applied = scenes.apply(
        ct_e1, {"line": 1}, at("2026-09-01"), organisation=yamada, wanted_start_on=day("2027-01-01")
    )
    return scenes.accept(applied, at("2026-09-02"))


@pytest.fixture
def contract(ct_e1, yamada) -> Contract:
    contract = scenes.running(ct_e1, {"line": 2}, yamada)
    bill(ct_e1.provider, Month(2026, 10), day("2026-10-10"))
    bill(ct_e1.provider, Month(2026, 11), day("2026-11-10"))
    return contract


def page(name: str, *args: str) -> str:
    return reverse(f"contracts:{name}", args=args)


def to_do(client) -> list[ToDo]:
    return client.get(HOME).context["to_do"]


def counts(client) -> dict[str, int]:
    found = client.get(HOME).context["menu_counts"]
    return {key: found[key] for key in ("contracts", "invoices", "notices")}


def suspended(contract: Contract) -> None:
    rule = contract.contracted_version.policy.suspension
    staff, moment = scenes.staff_member(), at("2026-11-18")
    suspend(
        contract,
        staff,
        rule.until_paid.reasons[0],
        day("2026-11-18"),
        None,
        "",
        until_paid=True,
        urgent="至急",
        at=moment,
    )


def test_home_begins_with_what_is_to_be_paid_answered_and_let_in(
    to_come, contract, yamada, as_yamada, signed_in
):
    overdue, soon = contract.invoices.order_by("month")
    record_payment(overdue, day("2026-11-19"), 1_000, "first part")
    suspended(contract)
    asked = scenes.ask(contract, "quantity_up", MORE_LINES, at("2026-11-19"))
    ask_back(asked, scenes.staff_member(), "席の配置を教えてください。", at("2026-11-20"))
    friend, owner = scenes.suzuki(), scenes.owner_of(yamada)
    EmailAddress.objects.update_or_create(user=owner, email=owner.email, defaults={"verified": True})
    invite(friend, scenes.owner_of(friend), owner.email, READER, at("2026-11-20"))
    JoinRequest.objects.create(organisation=yamada, person=scenes.owner_of(friend), asked_at=at("2026-11-20"))

    found = to_do(as_yamada)
    assert [one.kind for one in found] == ["stop", "overdue", "invitation", "payment", "question", "join"]
    stop, late, invitation, coming, question, joining = found
    left = overdue.gross - 1_000
    assert (late.amount, late.days_late, late.urgency) == (left, 20, Urgency.LATE)
    assert (coming.amount, coming.days_left) == (soon.gross, 10)
    assert overdue.document["bank_account"]["number"] in late.detail
    assert f"{left:,}円" in stop.detail
    assert "提供者が確認すると、利用を再開します" in stop.detail
    assert (question.url, joining.count) == (page("contract-request-detail", asked.number), 1)
    assert invitation.by_post
    shown = as_yamada.get(HOME).content.decode()
    assert shown.index(overdue.number) < shown.index('id="under-way"') < shown.index('id="contracts"')
    assert 'method="post" action="' + invitation.url in shown
    assert counts(as_yamada) == {"contracts": 2, "invoices": 2, "notices": 0}

    top = as_yamada.get(page("contract-detail", contract.number)).content.decode().split('class="columns"')[0]
    assert f"¥{left:,}" in top
    assert overdue.document["bank_account"]["number"] in top
    assert reverse("billing:invoice-detail", args=[overdue.number]) in top
    assert "#article-16-2" in top
    assert asked.number in top

    reader = signed_in(join(yamada, READER).user)
    assert [one.kind for one in to_do(reader)] == ["stop", "overdue", "payment"]
    other = signed_in(join(yamada, limited(to_come), "limited@yamada.example").user)
    assert to_do(other) == []
    assert counts(other) == {"contracts": 0, "invoices": 0, "notices": 0}
    assert to_do(signed_in(scenes.owner_of(friend))) == []


def test_many_of_a_kind_are_told_as_one_in_no_more_queries(ct_e1, yamada, as_yamada):
    def more(count: int) -> int:
        """The queries of home with so many contracts more, of which all kinds of things wait."""
        contracts = [scenes.running(ct_e1, {"line": 1}, yamada) for _time in range(count)]
        bill(ct_e1.provider, Month(2026, 10), day("2026-10-10"))
        bill(ct_e1.provider, Month(2026, 11), day("2026-11-10"))
        for contract in contracts:
            suspended(contract)
            asked = scenes.ask(contract, "quantity_up", MORE_LINES, at("2026-11-19"))
            ask_back(asked, scenes.staff_member(), "席の配置を教えてください。", at("2026-11-20"))
        as_yamada.get(HOME)
        with CaptureQueriesContext(connection) as captured:
            as_yamada.get(HOME)
        return len(captured)

    few = more(1)
    assert more(MOST) <= few

    found = to_do(as_yamada)
    assert [(one.kind, one.count) for one in found] == [
        ("stop", 4), ("overdue", 4), ("payment", 4), ("question", 4)
    ]  # fmt: skip
    assert found[1].amount == sum(one.gross for one in Invoice.objects.filter(month=day("2026-10-01")))
    assert found[1].deadline == day("2026-10-31")
    assert ct_e1.provider.on(TODAY).bank_account["number"] in found[1].detail
    assert counts(as_yamada) == {"contracts": 8, "invoices": 8, "notices": 0}


def test_a_debit_needs_nothing_to_be_done_until_it_did_not_come_in(contract, as_yamada):
    Contract.objects.filter(pk=contract.pk).update(payment_method="debit")
    (late,) = to_do(as_yamada)
    assert (late.kind, late.detail) == (
        "overdue",
        "口座振替でのお引き落としができていません。お支払い方法は請求書をご確認ください。",
    )


def test_an_end_that_was_asked_for_is_said_everywhere_and_its_deadlines_go(progoffice, yamada, as_yamada):
    contract = scenes.running(progoffice, {"user": 5}, yamada)
    own = page("contract-detail", contract.number)
    ending = page("contract-request-new", contract.number, "cancellation")
    before, home = as_yamada.get(own).content.decode(), as_yamada.get(HOME).content.decode()
    assert ending in before.split('class="columns"')[0]
    for deadline in (
        "に終了する場合の解約期限",
        "更新しない旨の通知期限",
        "お申し出がなければ2027年10月1日に更新されます",
    ):
        assert deadline in before
        assert deadline in home

    asked = scenes.cancel(contract, day("2027-01-31"), at("2026-11-20"))
    assert (asked.status, asked.counts_by_itself) == ("submitted", False)
    pages = {path: as_yamada.get(path).content.decode() for path in (HOME, own, page("contract-list"))}
    assert [path for path, text in pages.items() if f"解約申請中（{asked.number}）" not in text] == []
    shown = pages[HOME] + pages[own].split('id="possible"')[0]
    assert "に終了する場合の解約期限" not in shown
    assert "通知期限" not in shown
    assert ending not in pages[own]
    assert [one.number for one in as_yamada.get(HOME).context["under_way"]] == [asked.number]


def test_cards_state_this_month_s_fee_and_the_next_invoice_with_tax(contract, as_yamada):
    (card,) = as_yamada.get(HOME).context["cards"]
    november = contract.invoices.get(month=day("2026-11-01"))
    assert card.fee == november.gross
    assert (card.coming.month, card.coming.draft.calculation.gross) == (Month(2026, 12), november.gross)
    assert [date.is_rolling for date in card.dates] == [True]
    assert [date.is_soon for date in card.dates] == [False]
