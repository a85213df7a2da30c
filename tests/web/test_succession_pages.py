"""After a succession: the successor sees the contract, and who had it before sees what was until then."""

import pytest
from django.urls import reverse

from billing.invoicing.returns import return_all
from billing.models import Invoice
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from contracts.lifecycle.documents import attach_document
from contracts.lifecycle.former import last_day_of
from contracts.models import Contract, ContractRequest
from contracts.requests.decide import accept_request, refuse_request
from contracts.requests.kinds.reported import ParticularsData
from contracts.requests.kinds.successions import SuccessionData
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.questions import answer, ask_back
from contracts.requests.successors import Successor, name_representative
from contracts.rules.calendar.period import Month
from contracts.wording.reasons import NOT_POSSIBLE
from portal.organisations.models import Organisation
from portal.organisations.operations import create_organisation
from tests import scenes
from tests.approving import approved

PDF = b"%PDF-1.7\n%%EOF\n"


def successor(name: str) -> Successor:
    return Successor(
        name=name,
        postal_code="100-0002",
        address="東京都千代田区皇居外苑1-1",
        phone="03-0000-0009",
        email="soumu@successor.example",
    )


@pytest.fixture
def seats(ct_e1, now) -> Contract:
    """With 山田商事 since October, with 鈴木製作所 since 1 November; 8 seats since the 15th of December."""
    return taken_over(first_billed(ct_e1))


@pytest.fixture
def paid_seats(ct_e1, now) -> Contract:
    """The same, with October paid before."""
    contract = first_billed(ct_e1)
    invoice = invoice_of(contract, Month(2026, 10))
    record_payment(invoice, scenes.day("2026-10-31"), invoice.gross, "bank-1", scenes.staff_member())
    return taken_over(contract)


def first_billed(service) -> Contract:
    contract = scenes.running(service, {"seat": 5}, scenes.yamada())
    bill(contract.service.provider, Month(2026, 10), scenes.day("2026-10-31"))
    return contract


def taken_over(contract: Contract) -> Contract:
    data = SuccessionData(
        wanted_on=scenes.day("2026-11-01"),
        cause="merger",
        successors=(successor("甲株式会社"), successor("乙株式会社")),
        representative=0,
    )
    asked = scenes.ask(contract, "succession", data, scenes.at("2026-11-05"))
    attach_document(asked, scenes.owner_of(scenes.yamada()), "合併.pdf", PDF, scenes.at("2026-11-05"))
    accept_request(asked, scenes.staff_member(), scenes.at("2026-11-06"), successor=scenes.suzuki())
    contract = Contract.objects.get(pk=contract.pk)
    more = ProductChangeData(product="seat", wanted_on=scenes.day("2026-12-15"), quantity=8)
    accept_request(
        scenes.ask(contract, "quantity_up", more, scenes.at("2026-11-10")),
        scenes.staff_member(),
        scenes.at("2026-11-11"),
    )
    bill(contract.service.provider, Month(2026, 11), scenes.day("2026-11-20"))
    return Contract.objects.get(pk=contract.pk)


def detail(contract: Contract) -> str:
    return reverse("contracts:contract-detail", args=[contract.number])


def invoice_of(contract: Contract, month: Month) -> Invoice:
    return contract.invoices.get(month=month.first, kind="invoice")


def address(invoice: Invoice) -> str:
    return reverse("billing:invoice-detail", args=[invoice.number])


def test_the_successor_sees_the_contract_its_invoices_and_those_that_it_owes_by_now(seats, as_suzuki):
    page = as_suzuki.get(detail(seats)).content.decode()
    before, after = invoice_of(seats, Month(2026, 10)), invoice_of(seats, Month(2026, 11))
    assert before.debtor == after.debtor == seats.organisation
    for invoice in (before, after):
        assert invoice.number in page
        assert as_suzuki.get(address(invoice)).status_code == 200
        assert as_suzuki.get(reverse("billing:invoice-pdf", args=[invoice.number])).status_code == 200


def test_the_successor_does_not_see_what_was_paid_before(paid_seats, as_suzuki):
    before = invoice_of(paid_seats, Month(2026, 10))
    assert before.number not in as_suzuki.get(detail(paid_seats)).content.decode()
    assert as_suzuki.get(address(before)).status_code == 404
    assert as_suzuki.get(reverse("billing:invoice-pdf", args=[before.number])).status_code == 404


def test_who_had_it_before_sees_its_past_and_its_own_invoices(seats, as_yamada):
    page = as_yamada.get(detail(seats))
    assert page.templates[0].name == "contracts/contract_former.html"
    assert page.context["until"] == scenes.day("2026-10-31")
    assert {line.key: line.quantity for line in page.context["shown"].items} == {"seat": 5}
    text = page.content.decode()
    before, after = invoice_of(seats, Month(2026, 10)), invoice_of(seats, Month(2026, 11))
    assert before.number in text
    assert after.number not in text
    assert as_yamada.get(address(before)).status_code == 200
    assert as_yamada.get(address(after)).status_code == 404
    assert as_yamada.get(reverse("billing:invoice-pdf", args=[before.number])).status_code == 200


def test_nothing_that_the_successor_does_is_told_to_who_had_it_before(seats, as_yamada):
    text = as_yamada.get(detail(seats)).content.decode()
    assert "鈴木製作所" not in text
    (by_successor,) = seats.requests.filter(kind="quantity_up")
    assert by_successor.number not in text
    assert "2026年12月15日" not in text
    for page in ("contracts:contract-what-if", "contracts:contract-timeline"):
        assert as_yamada.get(reverse(page, args=[seats.number])).status_code == 404


def request_page(request: ContractRequest) -> str:
    return reverse("contracts:contract-request-detail", args=[request.number])


def test_who_had_it_before_reads_its_own_requests_alone(seats, as_yamada, as_suzuki):
    (own,) = seats.requests.filter(kind="succession")
    (later,) = seats.requests.filter(kind="quantity_up")
    assert own.number in as_yamada.get(detail(seats)).content.decode()
    page = as_yamada.get(request_page(own))
    assert page.status_code == 200
    assert "甲株式会社" in page.content.decode(), "as it was reported"
    assert "鈴木製作所" not in page.content.decode()
    assert [document.name for document in page.context["documents"]] == ["合併.pdf"]
    assert as_yamada.get(request_page(later)).status_code == 404
    assert {as_suzuki.get(request_page(one)).status_code for one in (own, later)} == {200}


def test_nothing_can_be_done_on_what_was_asked_for_before(seats, as_yamada):
    (own,) = seats.requests.filter(kind="succession")
    withdraw = reverse("contracts:contract-request-withdraw", args=[own.number])
    new = reverse("contracts:contract-request-new", args=[seats.number, "name"])
    assert {as_yamada.get(page).status_code for page in (withdraw, new)} == {404}
    for action in ("answer", "attach", ""):
        posted = as_yamada.post(request_page(own), {"action": action, "answer": "はい"})
        assert posted.status_code == 404
    page = as_yamada.get(request_page(own)).content.decode()
    assert withdraw not in page
    assert "<textarea" not in page
    assert 'type="file"' not in page


@pytest.fixture
def waiting(ct_e1, now) -> ContractRequest:
    """Asked by 山田商事 before the succession, with a question after it; refused by then."""
    contract = scenes.running(ct_e1, {"seat": 5}, scenes.yamada())
    data = ParticularsData(wanted_on=scenes.day("2026-12-20"), particulars={"address": "東京都中央区1"})
    asked = scenes.ask(contract, "particulars", data, scenes.at("2026-10-10"))
    passing = SuccessionData(
        wanted_on=scenes.day("2026-11-01"), cause="merger", successors=(successor("甲株式会社"),)
    )
    succession = scenes.ask(contract, "succession", passing, scenes.at("2026-11-05"))
    attach_document(succession, scenes.owner_of(scenes.yamada()), "合併.pdf", PDF, scenes.at("2026-11-05"))
    ask_back(asked, scenes.staff_member(), "どちらでしょうか", scenes.at("2026-11-03"))
    accept_request(succession, scenes.staff_member(), scenes.at("2026-11-06"), successor=scenes.suzuki())
    return asked


def test_what_was_open_stays_open_for_who_asked_whatever_becomes_of_it(waiting, as_yamada, as_suzuki):
    answer(waiting, scenes.owner_of(scenes.suzuki()), "承継後の回答", scenes.at("2026-11-07"))
    refused = ContractRequest.objects.get(pk=waiting.pk)
    refuse_request(refused, scenes.staff_member(), NOT_POSSIBLE, "承継後の理由", scenes.at("2026-11-08"))
    Organisation.objects.filter(pk=scenes.suzuki().pk).update(address="神奈川県横浜市中区1-1")
    page = as_yamada.get(request_page(waiting))
    text = page.content.decode()
    assert page.context["asked"].status == "submitted"
    assert "どちらでしょうか" in text
    assert "承継後" not in text
    assert "神奈川県横浜市" not in text
    assert "東京都千代田区千代田1-1" in text, "the address before is that of who asked"
    assert "承継後の理由" in as_suzuki.get(request_page(waiting)).content.decode()
    assert ContractRequest.objects.get(pk=waiting.pk).status == "refused", "looking changes nothing"


def test_the_lists_of_both_name_it(seats, as_yamada, as_suzuki):
    address = reverse("contracts:contract-list")
    assert list(as_yamada.get(address).context["former"]) == [seats]
    assert as_yamada.get(address).context["contracts"] == []
    assert list(as_suzuki.get(address).context["former"]) == []
    assert [row.contract for row in as_suzuki.get(address).context["contracts"]] == [seats]


def test_a_credit_on_an_earlier_invoice_goes_to_the_successor_and_links_nowhere_else(
    paid_seats, as_yamada, as_suzuki
):
    before = invoice_of(paid_seats, Month(2026, 10))
    returned = return_all(before, "障害のため", None, approval=approved("return"))
    page = as_suzuki.get(address(returned))
    assert page.status_code == 200
    assert address(before) not in page.content.decode()
    assert before.number in page.content.decode()
    assert returned.number not in as_yamada.get(address(before)).content.decode()


def test_people_of_both_see_each_as_the_organisation_they_act_for(seats, as_yamada, yamada):
    suzuki = scenes.suzuki()
    suzuki.memberships.create(
        user=scenes.owner_of(yamada), role="member", handles_contracts=True, handles_billing=True
    )
    assert as_yamada.get(detail(seats)).templates[0].name == "contracts/contract_former.html"
    as_yamada.post(reverse("organisations:switch"), {"organisation": suzuki.pk})
    assert as_yamada.get(detail(seats)).templates[0].name == "contracts/contract_detail.html"


def test_each_of_several_customers_in_turn_has_its_last_day(seats):
    name_representative(seats, scenes.staff_member(), 1, scenes.day("2026-12-01"))
    contract = Contract.objects.get(pk=seats.pk)
    assert contract.organisation.name == "乙株式会社"
    assert last_day_of(contract, scenes.yamada()) == scenes.day("2026-10-31")
    assert last_day_of(contract, scenes.suzuki()) == scenes.day("2026-11-30")
    with pytest.raises(ValueError, match="no former customer"):
        last_day_of(contract, contract.organisation)


def test_a_stranger_sees_nothing(seats, user, details, signed_in):
    create_organisation(user, details)
    assert signed_in(user).get(detail(seats)).status_code == 404
