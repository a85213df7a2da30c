"""Asking for something on a contract: each kind on its page, deadlines as a day is chosen, what follows."""

import html
import re
from collections.abc import Callable

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing.runs.bill import bill
from contracts.extensions.kinds import kind_label
from contracts.models import Contract, ContractDocument, ContractRequest, Service
from contracts.requests.decide import accept_request, refuse_request
from contracts.requests.kinds.reported import ParticularsData
from contracts.requests.questions import ask_back
from contracts.rules.calendar.period import Month, end_of
from contracts.wording.reasons import NOT_POSSIBLE
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.scenes import at, day
from tests.web.request_pages import address, confirmed, request_address, sent, text_of

PDF = b"%PDF-1.7\n%%EOF\n"
SUCCESSOR = {
    "name": "新山田商事株式会社",
    "postal_code": "１０００００１",
    "address": "東京都千代田区千代田1-1",
    "phone": "０３ー００００ー０００１",
    "email": "soumu@successor.example",
}


@pytest.fixture
def runs(committing, yamada) -> Callable[..., Contract]:
    """A contract of 山田商事 that runs since October."""

    def make(slug: str, **quantities: int) -> Contract:
        service = Service.objects.filter(slug=slug).first() or load_priced_service(slug)
        return scenes.running(service, {key.replace("_", "-"): n for key, n in quantities.items()}, yamada)

    return make


@pytest.fixture
def seats(runs) -> Contract:
    return runs("ct-e1", line=2, seat=5, recording_16h=5)


def accepted(request: ContractRequest) -> ContractRequest:
    return accept_request(request, scenes.staff_member(), at("2026-11-20 11:00"))


# What can be asked for


def test_before_service_starts_customers_report_what_is_about_themselves(committing, yamada, as_yamada):
    service = load_priced_service("progoffice")
    contract = scenes.accept(scenes.apply(service, {"user": 1}, at("2026-11-02")), at("2026-11-04"))
    page = text_of(as_yamada.get(reverse("contracts:contract-detail", args=[contract.number])))
    assert kind_label("name") in page
    assert kind_label("quantity_up") not in page
    request = sent(as_yamada, contract, "name", wanted_on="2026-11-20", name="新山田商事株式会社", kana="")
    assert (request.status, request.payload["name"]) == ("submitted", "新山田商事株式会社")
    assert "2026年11月20日" in text_of(as_yamada.get(request_address(request)))


def test_the_contract_offers_what_its_terms_and_products_allow(runs, as_yamada):
    contract = runs("progoffice", user=10)
    page = as_yamada.get(reverse("contracts:contract-detail", args=[contract.number])).content.decode()
    offered = set(re.findall(rf"/contracts/{contract.number}/requests/new/(\w+)/", page))
    assert offered == {
        "quantity_up",
        "quantity_down",
        "particulars",
        "name",
        "succession",
        "cancellation",
        "non_renewal",
        "rescission",
    }


def test_each_offer_tells_its_earliest_date_and_deadline_before_anything_is_typed(seats, as_yamada):
    page = as_yamada.get(reverse("contracts:contract-detail", args=[seats.number])).content.decode()
    row = next(
        row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if "/requests/new/cancellation/" in row
    )
    assert re.findall(r'datetime="([\d-]+)"', row) == ["2026-12-31", "2026-11-30"]
    form = text_of(as_yamada.get(address(seats, "cancellation")))
    assert "2026年12月31日" in form
    assert "2026年11月30日" in form
    assert "第19条第1項" in form


def test_nothing_is_offered_once_the_contract_has_ended(seats, yamada, signed_in, now):
    accepted(scenes.cancel(seats, day("2026-12-31"), at("2026-11-20")))
    now.move_to(at("2027-01-01"))
    client = signed_in(scenes.owner_of(yamada))
    page = client.get(reverse("contracts:contract-detail", args=[seats.number])).content.decode()
    reply = client.get(address(seats, "quantity_up"), follow=True)
    assert "/requests/new/" not in page
    assert reply.redirect_chain[-1][0] == reverse("contracts:contract-detail", args=[seats.number])


# Every kind, for a service that has it

KINDS = [
    ("ct-e1", "quantity_up", {"product": "seat", "quantity": "８", "wanted_on": "2027/1/15"}),
    ("ct-e1", "quantity_down", {"product": "seat", "quantity": "3", "wanted_on": "2027-01-15"}),
    ("ct-e1", "add_item", {"product": "admin", "quantity": "1", "wanted_on": "2027-01-15"}),
    ("ct-e1", "add_option", {"product": "delivery-base", "quantity": "1", "wanted_on": "2027-01-15"}),
    ("ct-e1", "drop_item", {"product": "seat", "quantity": "", "wanted_on": "2027-01-15"}),
    ("ct-e1", "drop_option", {"product": "recording-16h", "quantity": "2", "wanted_on": "2027-01-15"}),
    ("ct-e1", "name", {"name": "新山田商事株式会社", "kana": "ｼﾝﾔﾏﾀﾞｼｮｳｼﾞ", "wanted_on": "2026-12-01"}),
    ("ct-e1", "interruption", {"wanted_on": "2026-12-01", "until": "２０２６年１２月２４日"}),
    ("ct-e1", "option_interruption", {"product": "recording-16h", "wanted_on": "2026-12-01"}),
    ("ct-e1", "cancellation", {"wanted_on": "2027-02-10"}),
    (
        "partner-cloud-e",
        "responsible_person",
        {"name": "佐藤 次郎", "email": "jiro@yamada.example", "wanted_on": "2026-12-01"},
    ),
    (
        "partner-cloud-e",
        "authorised_user",
        {"name": "株式会社協力", "address": "東京都", "contact": "担当", "wanted_on": "2026-12-01"},
    ),
    ("partner-cloud-e", "non_renewal", {"wanted_on": "2027-01-31"}),
    (
        "progoffice",
        "quantity_down",
        {"product": "user", "quantity": "4", "user_ids_deleted": "on", "wanted_on": "2026-12-01"},
    ),
    ("desknets", "drop_option", {"product": "storage-10gb", "wanted_on": "2026-12-15"}),
    ("simpleconnect", "add_item", {"product": "sip-phone", "quantity": "2", "wanted_on": "2026-12-01"}),
]
HELD = {
    "ct-e1": {"line": 2, "seat": 5, "recording_16h": 5},
    "partner-cloud-e": {"base": 2},
    "progoffice": {"user": 10},
    "desknets": {"user": 10, "storage_10gb": 1},
    "simpleconnect": {"id": 3},
}


@pytest.mark.parametrize(("slug", "kind", "typed"), KINDS)
def test_every_kind_is_asked_for_on_its_page(slug, kind, typed, runs, as_yamada):
    contract = runs(slug, **HELD[slug])
    request = sent(as_yamada, contract, kind, **typed)
    assert (request.kind, request.status, request.contract) == (kind, "submitted", contract)
    page = text_of(as_yamada.get(request_address(request)))
    assert request.number in page
    assert kind_label(kind) in page


@pytest.mark.parametrize("slug", HELD)
def test_the_day_that_a_page_proposes_is_never_refused(slug, runs, as_yamada):
    contract = runs(slug, **HELD[slug])
    page = as_yamada.get(reverse("contracts:contract-detail", args=[contract.number])).content.decode()
    offered = set(re.findall(rf"/contracts/{contract.number}/requests/new/\w+/", page))
    forms = {offer: as_yamada.get(offer).content.decode() for offer in offered}
    assert len(offered) >= 6
    assert [offer for offer, form in forms.items() if "banner--success" not in form] == []
    assert [offer for offer, form in forms.items() if "banner--error" in form] == []


def test_numbers_and_days_are_read_in_any_width(seats, as_yamada):
    request = sent(
        as_yamada, seats, "quantity_up", product="seat", quantity="１，２００", wanted_on="２０２７/１/１５"
    )
    assert (request.quantity, request.wanted_on) == (1200, day("2027-01-15"))


def particulars(client: Client, contract: Contract) -> dict[str, str]:
    """The form of particulars as the page fills it."""
    page = client.get(address(contract, "particulars")).content.decode()
    fields = re.findall(r'<input type="\w+" name="(\w+)" value="([^"]*)"', page)
    areas = re.findall(r'<textarea name="(\w+)"[^>]*>\s*([^<]*)</textarea>', page)
    return {name: html.unescape(value) for name, value in (*fields, *areas)}


def test_of_the_particulars_only_what_differs_is_reported(seats, as_yamada):
    typed = particulars(as_yamada, seats)
    assert typed["particular_address"] == "東京都千代田区千代田1-1"
    changed = {
        **typed,
        "wanted_on": "2026-12-01",
        "particular_postal_code": "〒１００００１３",
        "particular_address": "東京都千代田区霞が関1-1-1",
    }
    request = sent(as_yamada, seats, "particulars", **changed)
    assert request.payload["particulars"] == {
        "postal_code": "100-0013",
        "address": "東京都千代田区霞が関1-1-1",
    }
    page = text_of(as_yamada.get(request_address(request)))
    assert "住所 東京都千代田区千代田1-1 東京都千代田区霞が関1-1-1" in page


def test_unchanged_particulars_are_not_sent(seats, as_yamada):
    typed = {**particulars(as_yamada, seats), "wanted_on": "2026-12-01", "action": "confirm"}
    reply = as_yamada.post(address(seats, "particulars"), typed)
    assert "まだ何も変更されていません" in text_of(reply)


# Addresses follow their postal codes


@pytest.mark.parametrize("whose", ["particular_", "successors-1-"])
def test_the_address_of_any_form_is_looked_up_under_its_own_name(whose, as_yamada):
    typed = {f"{whose}postal_code": "１０５００１１", f"{whose}address": "", "look_up": whose}
    page = as_yamada.get(reverse("organisations:address"), typed).content.decode()
    assert f'name="{whose}address" value="東京都港区芝公園"' in page
    assert f'id="id_{whose}address"' in page


def test_a_button_looks_a_reported_address_up_without_scripts(seats, as_yamada):
    typed = particulars(as_yamada, seats) | {"particular_postal_code": "498-0000", "particular_address": ""}
    reply = as_yamada.post(address(seats, "particulars"), {**typed, "look_up": "particular_"})
    form = reply.context["form"]
    assert form["particular_address"].value() == "愛知県弥富市"
    assert form["particular_phone"].value() == typed["particular_phone"]
    assert "三重県桑名郡木曽岬町" in text_of(reply)
    assert not form.errors
    assert not ContractRequest.objects.exists()


def test_a_button_looks_up_the_address_of_the_successor_beside_it_alone(seats, as_yamada):
    typed = {
        **successors("甲株式会社", "乙株式会社"),
        "successors-0-address": "",
        "successors-1-address": "",
        "successors-1-postal_code": "4980000",
        "look_up": "successors-1-",
    }
    page = as_yamada.post(address(seats, "succession"), typed)
    first, second = page.context["form"].successors.forms
    assert (first["address"].value(), second["address"].value()) == ("", "愛知県弥富市")
    assert text_of(page).count("三重県桑名郡木曽岬町") == 1


# Several successors, without a script


def successors(*names: str) -> dict[str, str]:
    filled = {
        f"successors-{place}-{key}": value
        for place, name in enumerate(names)
        for key, value in {**SUCCESSOR, "name": name}.items()
    }
    total = {"successors-TOTAL_FORMS": str(len(names)), "successors-INITIAL_FORMS": "0"}
    return {"wanted_on": "2026-11-01", "cause": "split", **total, **filled}


def test_another_successor_is_added_with_a_button_and_one_represents_them(seats, as_yamada):
    first = as_yamada.post(address(seats, "succession"), {**successors("甲株式会社"), "action": "add"})
    page = first.content.decode()
    assert 'name="successors-1-name"' in page
    assert 'value="甲株式会社"' in page
    assert "error-summary" not in page

    typed = {**successors("甲株式会社", "乙株式会社"), "representative": "1"}
    request = sent(as_yamada, seats, "succession", **typed)
    assert [one["name"] for one in request.payload["successors"]] == ["甲株式会社", "乙株式会社"]
    assert (request.payload["representative"], request.payload["cause"]) == (1, "split")
    assert request.payload["successors"][0]["postal_code"] == "100-0001"
    assert request.payload["successors"][0]["phone"] == "03-0000-0001"
    assert "乙株式会社（代表者）" in text_of(as_yamada.get(request_address(request)))


def test_a_successor_that_is_left_empty_does_not_count(seats, as_yamada):
    typed = {**successors("甲株式会社"), "successors-TOTAL_FORMS": "2"}
    request = sent(as_yamada, seats, "succession", **typed)
    assert [one["name"] for one in request.payload["successors"]] == ["甲株式会社"]
    assert request.payload["representative"] is None


def test_what_is_wrong_with_a_successor_is_said_beside_it(seats, as_yamada):
    typed = {**successors("甲株式会社"), "successors-0-postal_code": "1234", "action": "confirm"}
    reply = as_yamada.post(address(seats, "succession"), typed)
    assert "郵便番号は7桁" in text_of(reply)
    assert 'value="1234"' in reply.content.decode()


# The deadline of the chosen day


def checked(client: Client, contract: Contract, kind: str, **typed: str) -> str:
    """What the page answers to a day by itself."""
    reply = client.post(address(contract, kind), {**typed, "action": "check"}, headers={"HX-Request": "true"})
    assert "<html" not in reply.content.decode(), "a part of the page alone"
    return text_of(reply)


def test_a_day_in_time_is_answered_with_its_deadline_and_article(seats, as_yamada):
    answer = checked(as_yamada, seats, "cancellation", wanted_on="2027-02-28")
    assert "解約希望日 2027年2月28日：2027年1月31日までの申請が必要です（第19条第1項）" in answer
    assert "契約は2027年2月28日に終了します。" in answer
    assert "1か月前" in answer, "the steps are there on demand"


def test_a_late_day_is_refused_with_the_earliest_still_possible(seats, as_yamada):
    answer = checked(as_yamada, seats, "cancellation", wanted_on="2026-11-30")
    assert "2026年10月31日までの申請が必要です" in answer
    assert "最も早い日は2026年12月31日です" in answer

    refused = as_yamada.post(address(seats, "cancellation"), {"wanted_on": "2026-11-30", "action": "confirm"})
    assert "submission_key" not in refused.content.decode()
    taken = as_yamada.post(
        address(seats, "cancellation"),
        {"wanted_on": "2026-11-30", "earliest": "2026-12-31", "action": "earliest"},
    )
    assert 'value="2026-12-31"' in taken.content.decode()
    assert not ContractRequest.objects.exists()


def test_a_late_day_moves_where_the_terms_move_it(runs, as_yamada, now):
    now.move_to(at("2026-11-24"))
    contract = runs("desknets", user=10)
    answer = checked(as_yamada, contract, "cancellation", wanted_on="2026-11-30")
    assert "2026年12月31日に繰り下がります" in answer
    request = sent(as_yamada, contract, "cancellation", wanted_on="2026-11-30")
    assert request.decision["ends_on"] == "2026-12-31"


@pytest.mark.parametrize("wanted_on", ["2026-11-30", ""])
def test_too_little_time_and_no_day_at_all_are_deemed(wanted_on, runs, as_yamada):
    contract = runs("partner-cloud-e", base=2)
    answer = checked(as_yamada, contract, "cancellation", wanted_on=wanted_on)
    assert "2026年12月21日を希望日とみなします" in answer
    request = sent(as_yamada, contract, "cancellation", wanted_on=wanted_on)
    assert request.decision["ends_on"] == "2026-12-21"


def test_a_reduction_tells_until_when_the_former_number_is_charged_and_from_when_the_new(seats, as_yamada):
    typed = {"product": "seat", "quantity": "3", "wanted_on": "2027-01-10"}
    page = text_of(as_yamada.get(request_address(sent(as_yamada, seats, "quantity_down", **typed))))
    assert "変更前の数量の課金終了日 2027年1月31日 第21条第4項" in page
    assert "変更後の数量の課金開始日 2027年2月1日 第21条第4項" in page
    assert (
        "変更前の数量の料金は、その数量で利用できる最後の日（2027年1月9日）の属する月の月末までかかります。"
        in page
    )
    assert "終了日（2027年1月9日）" not in page


@pytest.mark.parametrize("asked_at", ["2026-11-20", "2026-11-21"])
def test_closed_days_after_the_deadline_count_in_the_last_day_to_ask(asked_at, runs, as_yamada, now):
    """20 business days before December 21 is Friday, November 20; the next business day is Tuesday."""
    now.move_to(at(asked_at))
    contract = runs("partner-cloud-e", base=2)
    page = as_yamada.get(address(contract, "cancellation"))
    assert page.context["offer"].in_time_until == end_of(day("2026-11-23"))
    assert 'datetime="2026-11-23"' in page.content.decode()
    answer = checked(as_yamada, contract, "cancellation", wanted_on="2026-12-21")
    assert "2026年11月23日までの申請が必要です" in answer
    assert "契約は2026年12月21日に終了します。" in answer


def test_without_a_script_a_button_checks_the_day_and_keeps_what_was_typed(seats, as_yamada):
    typed = {"product": "seat", "quantity": "7", "wanted_on": "2026-12-01", "action": "check"}
    page = as_yamada.post(address(seats, "quantity_up"), typed).content.decode()
    assert "<html" in page
    assert "2026年11月1日までの申請が必要です" in page
    assert 'value="7"' in page
    assert 'value="seat"' in page
    unfinished = as_yamada.post(
        address(seats, "quantity_up"), {"wanted_on": "2027-01-15", "action": "check"}
    ).content.decode()
    assert "2026年12月15日までの申請が必要です" in unfinished
    assert "error-summary" not in unfinished, "what is missing is asked for later"


def test_a_question_that_was_asked_before_fills_the_form(seats, as_yamada):
    asked = {"kind": "quantity_up", "product": "seat", "quantity": "7", "wanted_on": "2027-01-15"}
    what_if = reverse("contracts:contract-what-if", args=[seats.number])
    (link,) = re.findall(
        rf'href="({address(seats, "quantity_up")}[^"]*)"', as_yamada.get(what_if, asked).content.decode()
    )
    page = as_yamada.get(html.unescape(link)).content.decode()
    assert 'value="7"' in page
    assert 'value="2027-01-15"' in page
    assert "2026年12月15日までの申請が必要です" in page


def test_a_day_that_can_not_be_read_is_said(seats, as_yamada):
    assert "2026-11-01のように" in checked(as_yamada, seats, "cancellation", wanted_on="あした")


# Conditions


@pytest.mark.parametrize(
    ("slug", "kind", "typed", "said"),
    [
        ("simpleconnect", "drop_item", {"product": "id", "wanted_on": "2027-01-31"}, "最後の基本商品は"),
        (
            "progoffice",
            "quantity_down",
            {"product": "user", "quantity": "4", "wanted_on": "2026-12-01"},
            "先にユーザーIDの削除が必要です",
        ),
    ],
)
def test_a_condition_that_fails_is_said_with_its_article(slug, kind, typed, said, runs, as_yamada):
    contract = runs(slug, **HELD[slug])
    answer = checked(as_yamada, contract, kind, **typed)
    assert said in answer
    assert re.search(r"（.*第\d+条.*）", answer)
    reply = as_yamada.post(address(contract, kind), {**typed, "action": "confirm"})
    assert "submission_key" not in reply.content.decode()


def test_an_option_given_up_once_can_not_be_taken_again(runs, as_yamada, yamada, signed_in, now):
    contract = runs("ct-e1", line=2, recording_16h=1)
    assert "再び申し込むことができません" in text_of(as_yamada.get(address(contract, "drop_option")))
    accepted(sent(as_yamada, contract, "drop_option", product="recording-16h", wanted_on="2026-12-31"))
    now.move_to(at("2027-01-10"))
    later = signed_in(scenes.owner_of(yamada))
    answer = checked(
        later, contract, "add_option", product="recording-16h", quantity="1", wanted_on="2027-03-01"
    )
    assert "一度解約しているため" in answer


# Before sending


def test_the_confirmation_shows_what_the_end_costs(runs, as_yamada):
    contract = runs("progoffice", user=10)
    reply = as_yamada.post(
        address(contract, "cancellation"), {"wanted_on": "2026-12-31", "action": "confirm"}
    )
    page = text_of(reply)
    assert "最低利用期間が9か月残ります" in page
    assert "課金終了日 2026年12月31日" in page
    assert "消去されます" in page
    assert "終了までのお支払い" in page


def test_open_debts_are_shown_before_the_end_is_asked_for(seats, as_yamada):
    bill(seats.service.provider, Month(2026, 10), day("2026-11-10"))
    invoice = seats.invoices.get()
    page = text_of(as_yamada.get(address(seats, "cancellation")))
    assert invoice.number in page
    assert f"¥{invoice.gross:,}" in page


def test_that_debts_fall_due_at_once_is_said_of_a_cancellation_alone(runs, as_yamada):
    contract = runs("partner-cloud-e", base=2)
    pages = {
        kind: text_of(as_yamada.get(address(contract, kind))) for kind in ("cancellation", "non_renewal")
    }
    assert {kind: "第15条第3項" in page for kind, page in pages.items()} == {
        "cancellation": True,
        "non_renewal": False,
    }


def test_the_confirmation_of_something_charged_once_shows_its_price(runs, as_yamada):
    typed = {"product": "sip-phone", "quantity": "2", "wanted_on": "2026-12-01", "action": "confirm"}
    contract = runs("simpleconnect", id=3)
    assert "初回のみの料金" in text_of(as_yamada.post(address(contract, "add_item"), typed))


def test_the_confirmation_of_a_change_shows_before_after_and_the_new_charges(seats, as_yamada):
    typed = {"product": "seat", "quantity": "8", "wanted_on": "2027-01-15", "action": "confirm"}
    page = text_of(as_yamada.post(address(seats, "quantity_up"), typed))
    assert "5 席 8 席" in page
    assert "課金開始日 2027年1月1日" in page
    # 2 lines and 8 seats at 5,000 yen, 5 × 16 hours of recording at 2,000 yen, 10% tax
    assert "¥66,000" in page


# Sent once


def test_a_double_click_sends_once(seats, as_yamada):
    ready = confirmed(as_yamada, seats, "cancellation", wanted_on="2026-12-31")
    replies = [as_yamada.post(address(seats, "cancellation"), ready) for _click in range(2)]
    request = ContractRequest.objects.get()
    assert [reply.headers["Location"] for reply in replies] == [request_address(request)] * 2


def test_two_tabs_and_two_people_send_the_same_wish_once(seats, as_yamada, yamada, make_user, signed_in):
    colleague = make_user("jiro@yamada.example")
    yamada.memberships.create(user=colleague, role="member", handles_contracts=True, handles_billing=True)
    typed = {"product": "seat", "quantity": "8", "wanted_on": "2027-01-15"}
    tabs = [
        (client, confirmed(client, seats, "quantity_up", **typed))
        for client in (as_yamada, as_yamada, signed_in(colleague))
    ]
    for client, ready in tabs:
        client.post(address(seats, "quantity_up"), ready)
    assert ContractRequest.objects.count() == 1


def test_an_end_that_is_asked_for_already_leads_to_that_request(seats, as_yamada):
    request = sent(as_yamada, seats, "cancellation", wanted_on="2026-12-31")
    reply = as_yamada.get(address(seats, "cancellation"))
    assert reply.headers["Location"] == request_address(request)


def test_what_became_late_since_the_confirmation_is_refused_with_its_reasons(seats, as_yamada, now):
    ready = confirmed(as_yamada, seats, "cancellation", wanted_on="2026-12-31")
    now.move_to(at("2026-12-01 00:00"))
    reply = as_yamada.post(address(seats, "cancellation"), ready, follow=True)
    assert ContractRequest.objects.get().status == "refused"
    assert "最も早い日は2027年1月31日です" in text_of(reply)


# The request's own page


def test_the_page_shows_receipt_dates_and_the_letter_to_download(seats, as_yamada):
    request = sent(as_yamada, seats, "cancellation", wanted_on="2026-12-31")
    page = as_yamada.get(request_address(request)).content.decode()
    assert "申請を受け付けました" in page
    letter = request.letters.get()
    download = as_yamada.get(reverse("contracts:contract-letter", args=[letter.number]))
    assert download.headers["Content-Type"] == "application/pdf"
    assert b"".join(download.streaming_content).startswith(b"%PDF-")


def test_a_question_is_answered_on_the_page_and_stands_on_the_home_page(seats, as_yamada):
    request = sent(as_yamada, seats, "quantity_up", product="seat", quantity="8", wanted_on="2027-01-15")
    ask_back(request, scenes.staff_member(), "席の配置を教えてください。", at("2026-11-20"))
    home = as_yamada.get(reverse("home")).content.decode()
    assert request_address(request) in home

    empty = as_yamada.post(request_address(request), {"action": "answer", "answer": " "})
    assert "field--invalid" in empty.content.decode()
    as_yamada.post(request_address(request), {"action": "answer", "answer": "2階です。"})
    page = text_of(as_yamada.get(request_address(request)))
    assert "席の配置を教えてください。" in page
    assert "2階です。" in page
    assert ContractRequest.objects.get().status == "submitted"
    assert as_yamada.get(reverse("home")).context["to_do"] == []


def upload(name: str, content: bytes) -> dict:
    return {"action": "attach", "file": SimpleUploadedFile(name, content)}


def test_proof_is_handed_in_and_goes_to_the_two_sides_only(seats, as_yamada, as_suzuki, as_reception):
    request = sent(as_yamada, seats, "name", name="新山田商事株式会社", wanted_on="2026-12-01")
    assert request_address(request) in as_yamada.get(reverse("home")).content.decode()
    assert "書類の提出が必要です" in text_of(as_yamada.get(request_address(request)))

    as_yamada.post(request_address(request), upload("登記簿.pdf", PDF))
    document = ContractDocument.objects.get()
    download = reverse("contracts:contract-document", args=[document.pk])
    assert "登記簿.pdf" in text_of(as_yamada.get(request_address(request)))
    assert b"".join(as_yamada.get(download).streaming_content) == PDF
    assert b"".join(as_reception.get(download).streaming_content) == PDF
    assert as_suzuki.get(download).status_code == 404
    assert as_yamada.get(reverse("home")).context["to_do"] == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("proof.pdf", b"<html></html>", "PDF、PNG、JPEG"),
        ("proof.exe", PDF, "一致しません"),
        ("proof.pdf", b"", "空です"),
    ],
)
def test_what_is_no_document_is_refused_beside_the_field(name, content, said, seats, as_yamada):
    request = sent(as_yamada, seats, "name", name="新山田商事株式会社", wanted_on="2026-12-01")
    reply = as_yamada.post(request_address(request), upload(name, content))
    assert said in text_of(reply)
    assert not ContractDocument.objects.exists()


def test_a_request_is_withdrawn_and_may_be_asked_for_again(seats, as_yamada):
    request = sent(as_yamada, seats, "cancellation", wanted_on="2026-12-31")
    withdraw = reverse("contracts:contract-request-withdraw", args=[request.number])
    assert "費用はかかりません" in text_of(as_yamada.get(withdraw))
    page = as_yamada.post(withdraw, follow=True)
    assert "この申請は撤回されました" in text_of(page)
    assert as_yamada.get(address(seats, "cancellation")).status_code == 200


def test_withdrawing_a_cancellation_rests_on_the_article_on_cancellations(runs, as_yamada):
    contract = runs("simpleconnect", id=3)
    request = sent(as_yamada, contract, "cancellation", wanted_on="2027-01-31")
    withdraw = reverse("contracts:contract-request-withdraw", args=[request.number])
    page = text_of(as_yamada.get(withdraw))
    assert "第23条" in page
    assert "第6条" not in page


def test_an_accepted_change_is_withdrawn_with_costs_where_the_terms_say_so(runs, as_yamada):
    contract = runs("partner-cloud-e", base=2)
    request = accepted(
        sent(as_yamada, contract, "quantity_up", product="base", quantity="3", wanted_on="2027-01-01")
    )
    withdraw = reverse("contracts:contract-request-withdraw", args=[request.number])
    assert "準備に要した費用" in text_of(as_yamada.get(withdraw))
    as_yamada.post(withdraw)
    request.refresh_from_db()
    assert request.status == "withdrawn"


def test_an_accepted_change_without_such_terms_stays(seats, as_yamada):
    typed = {"product": "seat", "quantity": "8", "wanted_on": "2027-01-15"}
    request = accepted(sent(as_yamada, seats, "quantity_up", **typed))
    withdraw = reverse("contracts:contract-request-withdraw", args=[request.number])
    assert withdraw not in as_yamada.get(request_address(request)).content.decode()
    reply = as_yamada.post(withdraw, follow=True)
    assert "banner--error" in reply.content.decode()
    request.refresh_from_db()
    assert request.status == "accepted"


def test_a_refusal_is_shown_with_its_reason(runs, as_yamada):
    request = sent(as_yamada, runs("progoffice", user=10), "cancellation", wanted_on="2026-12-31")
    refuse_request(request, scenes.staff_member(), NOT_POSSIBLE, "別の日にお願いします。", at("2026-11-20"))
    page = text_of(as_yamada.get(request_address(request)))
    assert "別の日にお願いします。" in page
    assert "契約終了日 2026年12月31日" not in page, "what does not come about is not shown"


# Whose it is


def test_other_organisations_find_nothing(seats, as_yamada, as_suzuki):
    request = sent(as_yamada, seats, "cancellation", wanted_on="2026-12-31")
    for page in (
        address(seats, "quantity_up"),
        request_address(request),
        reverse("contracts:contract-request-withdraw", args=[request.number]),
        reverse("contracts:contract-letter", args=[request.letters.get().number]),
    ):
        assert as_suzuki.get(page).status_code == 404
        assert as_suzuki.post(page, {"action": "send", "wanted_on": "2026-12-31"}).status_code in (404, 405)
    assert ContractRequest.objects.get().status == "submitted"


def test_a_kind_that_there_is_not_has_no_page(seats, as_yamada):
    assert as_yamada.get(address(seats, "holiday")).status_code == 404


# Applications that were sent


def test_an_application_takes_documents_and_is_withdrawn(application, as_yamada):
    documents = reverse("contracts:application-documents", args=[application.number])
    assert (
        documents
        in as_yamada.get(reverse("contracts:application-detail", args=[application.number])).content.decode()
    )
    as_yamada.post(documents, upload("identity.png", b"\x89PNG\r\n\x1a\n"))
    assert application.documents.get().name == "identity.png"

    withdraw = reverse("contracts:application-withdraw", args=[application.number])
    assert "費用はかかりません" in text_of(as_yamada.get(withdraw))
    as_yamada.post(withdraw)
    application.refresh_from_db()
    assert application.status == "withdrawn"


def test_withdrawing_after_formation_names_what_is_charged(progoffice, as_yamada):
    application = scenes.apply(progoffice, {"user": 10}, at("2026-11-19"))
    withdraw = reverse("contracts:application-withdraw", args=[application.number])
    page = text_of(as_yamada.get(withdraw))
    assert "実際に生じた損害" in page
    assert "第8条" in page


def test_an_application_whose_service_runs_can_not_be_withdrawn(contract, as_yamada):
    withdraw = reverse("contracts:application-withdraw", args=[contract.application.number])
    assert as_yamada.get(withdraw).status_code == 302
    as_yamada.post(withdraw)
    contract.refresh_from_db()
    assert contract.ends_on is None


def test_fewer_seats_point_out_what_is_counted_by_them_before_the_request_is_sent(runs, as_yamada):
    contract = runs("ct-e1", line=2, seat=15, delivery_base=1, delivery_seat=15)
    typed = {"product": "seat", "quantity": "10", "wanted_on": "2027-03-10", "action": "confirm"}
    shown = text_of(as_yamada.post(address(contract, "quantity_down"), typed))
    assert "10 席に対して15 席は" in shown
    even = text_of(as_yamada.post(address(contract, "quantity_down"), {**typed, "quantity": "5"}))
    assert "に対して15 席は" not in even


def test_what_is_reported_late_is_taken_and_one_earliest_day_is_named(runs, yamada, signed_in):
    contract = runs("partner-cloud-e", base=1)
    with time_machine.travel(at("2027-01-05 10:00"), tick=False):
        client = signed_in(scenes.owner_of(yamada))
        in_time = ParticularsData(wanted_on=day("2027-01-13"), particulars={"address": "丸の内9-9"})
        scenes.ask(contract, "particulars", in_time, timezone.now())
        typed = {"wanted_on": "2027-01-08", "particular_address": "丸の内8-8", "action": ""}
        page = text_of(client.post(address(contract, "particulars"), typed))
    assert "最も早い日 2027年1月13日" in page
    assert "2027年1月20日" not in page
    assert "2027年1月8日から効力を生じます" in page


def test_the_letter_of_a_change_that_waits_for_its_completion_states_a_planned_day(runs, as_yamada):
    contract = runs("progoffice", user=10)
    request = sent(as_yamada, contract, "quantity_up", product="user", quantity="20", wanted_on="2027-01-20")
    accepted(request)
    facts = {one["label"]: one["value"] for one in request.letters.get(kind="acceptance").document["facts"]}
    assert facts["予定日（設定完了通知の日から）"].startswith("2027年1月20日")
    assert not {"効力発生日", "課金開始日", "課金終了日"} & facts.keys()


def test_the_letter_of_a_reduction_says_which_number_is_charged_when(runs, as_yamada):
    contract = runs("ct-e1", line=2, seat=5)
    request = sent(as_yamada, contract, "quantity_down", product="seat", quantity="3", wanted_on="2027-03-10")
    accepted(request)
    facts = {one["label"]: one for one in request.letters.get(kind="acceptance").document["facts"]}
    before, after = facts["変更前の数量の課金終了日"], facts["変更後の数量の課金開始日"]
    assert (before["value"][:10], after["value"][:9]) == ("2027年3月31日", "2027年4月1日")
    assert "第21条" in after["articles"]


def test_a_product_that_is_not_offered_is_named_by_no_key(runs, as_yamada):
    contract = runs("ct-e1", line=2, seat=5)
    typed = {"product": "setup-standard", "quantity": "1", "wanted_on": "2027-03-10", "action": "confirm"}
    shown = text_of(as_yamada.post(address(contract, "quantity_up"), typed))
    assert "表示されているものから選んでください。" in shown
    assert "候補にありません" not in shown


def test_the_contract_says_whether_a_transitional_provision_holds_for_it(runs, as_yamada):
    contract = runs("progoffice", user=10)
    page = reverse("contracts:contract-detail", args=[contract.number])
    assert "2020年8月14日以降に結ばれたこの契約に適用されます" in text_of(as_yamada.get(page))
    Contract.objects.filter(pk=contract.pk).update(formed_on=day("2020-08-13"))
    assert "2020年8月14日より前に結ばれたこの契約には適用されません" in text_of(as_yamada.get(page))


def test_a_customer_ends_the_contract_at_once_on_a_ground_of_the_terms(runs, as_yamada):
    contract = runs("progoffice", user=10)
    page = as_yamada.get(address(contract, "rescission"))
    assert "当社が反社会的勢力である" in text_of(page)
    assert 'name="wanted_on"' not in page.content.decode()
    nothing = as_yamada.post(address(contract, "rescission"), {"action": "confirm"})
    assert nothing.context["form"].errors.keys() == {"ground", "statement"}
    told = {"ground": "antisocial", "statement": "報道によると、御社が該当します。"}
    as_yamada.post(address(contract, "rescission"), {"action": "check", **told})
    request = sent(as_yamada, contract, "rescission", **told)
    assert (request.status, request.decided.ends_on) == ("submitted", day("2026-11-20"))
    shown = text_of(as_yamada.get(request_address(request)))
    assert "報道によると、御社が該当します。" in shown
