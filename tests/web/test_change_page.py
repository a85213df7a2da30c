"""The contents of a contract changed on one page: typed, seen with what follows, and sent."""

import html
import re

import pytest
from django.urls import reverse

from contracts.models import Contract, ContractRequest
from contracts.requests.decide import accept_request
from contracts.requests.product_forms import ProductChangeData
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.scenes import at, day, staff_member
from tests.web.request_pages import request_address, text_of

HELD = {"line": 2, "seat": 5, "recording-16h": 5}


@pytest.fixture
def running(committing, ct_e1, yamada) -> Contract:
    return scenes.running(ct_e1, HELD, yamada)


def address(contract: Contract) -> str:
    return reverse("contracts:contract-change", args=[contract.number])


def typed(action: str, starts_on: str, **changed: str) -> dict[str, str]:
    """The form of the contract as it was shown, but for what is changed."""
    totals = {f"total-{key}": str(held) for key, held in HELD.items()}
    shown = {f"shown-{key}": str(held) for key, held in HELD.items()}
    more = {f"total-{key.replace('_', '-')}": total for key, total in changed.items()}
    return {**totals, **shown, **more, "starts_on": starts_on, "action": action, "how": "together"}


def hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', page)
    return {name: html.unescape(value) for name, value in found}


def test_five_more_seats_are_asked_for_with_the_total_before_anything_is_sent(
    running, as_yamada, as_suzuki, as_reception, django_assert_max_num_queries
):
    contract_page = as_yamada.get(reverse("contracts:contract-detail", args=[running.number]))
    assert address(running) in contract_page.content.decode()
    with django_assert_max_num_queries(45):
        form = as_yamada.get(address(running))
    page = text_of(form)
    assert "シートライセンス" in page
    assert "標準初期導入設定" in page
    assert as_suzuki.get(address(running)).status_code == 404

    # Live, as htmx asks: what follows alone, with the cheaper day.
    follows = as_yamada.post(
        address(running), typed("check", "2026-12-30", seat="１０"), HTTP_HX_REQUEST="true"
    )
    assert "<html" not in follows.content.decode()
    told = text_of(follows)
    for shown in (
        "変更後の月額",
        "+¥27,500",
        "12月30日からだと、2026年12月分がまるごとかかります",
        "1月1日からなら ¥27,500 少なくなります",
        "第12条第1項",
    ):
        assert shown in told
    # Without scripts a button takes that day.
    better = as_yamada.post(
        address(running), {**typed("better", "2026-12-30", seat="10"), **hidden(follows.content.decode())}
    )
    assert better.context["form"].day == day("2027-01-01")
    assert "まるごと" not in text_of(better)

    confirm = as_yamada.post(address(running), typed("confirm", "2027-01-01", seat="10", line="1"))
    assert not ContractRequest.objects.exists()
    told = text_of(confirm)
    for shown in (
        "変更内容の確認",
        "数量の増加",
        "数量の減少",
        "すべてそろって変更します",
        "申請を送信する（2件）",
    ):
        assert shown in told
    sending = {**hidden(confirm.content.decode()), "action": "send"}
    sent = as_yamada.post(address(running), sending)
    more, fewer = ContractRequest.objects.order_by("pk")
    assert sent.headers["Location"] == request_address(more)
    assert as_yamada.post(address(running), sending).headers["Location"] == request_address(more)
    assert ContractRequest.objects.count() == 2
    assert fewer.number in text_of(as_yamada.get(request_address(more)))

    decided = as_reception.get(reverse("admin:contracts_contractrequest_change", args=[more.pk]))
    assert f"{fewer.number} 数量の減少" in text_of(decided)
    assert "1つを承諾するとすべてが承諾され" in text_of(decided)
    refusal = reverse("admin:contracts_contractrequest_refuse", args=[more.pk])
    assert as_reception.get(refusal).status_code == 200


def test_what_can_t_be_is_said_at_its_field_or_line_and_nothing_is_sent(running, as_yamada):
    wrong = as_yamada.post(address(running), typed("confirm", "2027-01-01", seat="10席", line=""))
    assert set(wrong.context["form"].errors) == {"total-seat", "total-line"}
    assert "数字だけで入力してください" in text_of(wrong)
    none = as_yamada.post(address(running), typed("confirm", "2027-01-01"))
    assert "数量を1つ以上変更してください" in text_of(none)
    beyond = as_yamada.post(address(running), typed("confirm", "2027-01-01", delivery_base="2"))
    assert set(beyond.context["form"].errors) == {"total-delivery-base"}
    late = as_yamada.post(address(running), typed("confirm", "2026-12-10", seat="10"))
    assert "2026年12月20日に変更する" in text_of(late)
    assert 'name="submission_key"' not in late.content.decode()
    taken = as_yamada.post(
        address(running), {**typed("earliest", "2026-12-10", seat="10"), "earliest": "2026-12-20"}
    )
    assert taken.context["possible"]
    for day_typed in ("", "31.12.2026", "9999-01-01"):
        assert as_yamada.post(address(running), typed("check", day_typed, seat="10")).status_code == 200
    assert as_yamada.post(address(running), {"action": "send", "submission_key": "x"}).status_code == 200
    assert not ContractRequest.objects.exists()


def test_what_nobody_changed_stays_though_the_day_shows_another_number(running, as_yamada, yamada):
    asked = scenes.ask(
        running,
        "quantity_up",
        ProductChangeData(wanted_on=day("2027-01-01"), product="seat", quantity=8),
        at("2026-11-20 09:00"),
    )
    accept_request(asked, staff_member(), at("2026-11-20 09:30"))
    page = as_yamada.post(address(running), typed("confirm", "2027-02-01", line="3"))
    assert [line.wish.product for line in page.context["lines"]] == ["line"]
    assert 'name="total-seat" value="8"' in page.content.decode()
    # A product that changes already later can be changed after that.
    early = as_yamada.post(address(running), typed("confirm", "2026-12-25", seat="9"))
    assert early.context["earliest"] == day("2027-01-02")


def test_what_the_terms_don_t_provide_for_is_not_offered_and_says_why(committing, yamada, as_yamada):
    contract = scenes.running(load_priced_service("progoffice"), {"user": 10}, yamada)
    page = text_of(as_yamada.get(address(contract)))
    assert "契約中に増やす変更は、約款に定めがありません" in page
    assert "すべてをやめるときは、契約の解約をお申し込みください" in page
    assert as_yamada.get(address(contract)).context["form"].fields["ids_deleted"]
