"""Prices change for customers whom the ledger of notices shows to have been told in time."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from billing.approvals.price_lists import PRICE_LIST, PriceListData
from billing.models import PriceListVersion
from billing.pricing.price_changes import change_prices
from billing.pricing.price_notices import ToldOtherwise
from contracts.models import Contract, Notice, NoticeDelivery
from contracts.notices.send import draft_notice, send_notice
from portal.approvals.decide import put_forward
from portal.organisations.roles import StaffRole
from tests.approving import approve_it, approved
from tests.billing_scene import load_priced_service, make_contract, price_list_source
from tests.scenes import at, owner_of, staff_member, suzuki, yamada

APRIL = date(2027, 4, 1)


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(at("2026-12-20"), tick=False):
        yield


@pytest.fixture
def service(db):
    return load_priced_service("ct-e1")


@pytest.fixture
def contract(service) -> Contract:
    return make_contract(service, yamada(), owner_of(yamada()), "C26-000001", {"line": 5})


@pytest.fixture
def staff():
    return staff_member()


def dearer_lines(effective_on: date = APRIL) -> str:
    source = price_list_source("ct-e1").replace("2015-04-01", effective_on.isoformat())
    return source.replace("unit_price = 5000", "unit_price = 6000", 1)


def sent(service, staff, moment, effective_on=APRIL, **changed) -> Notice:
    """A notice of prices; on the site it counts as soon as it is sent."""
    notice = Notice(
        service=service,
        purpose=Notice.Purpose.PRICE_CHANGE,
        effective_on=effective_on,
        subject="料金改定",
        body="外線ライセンスを改定します。",
        **changed,
    )
    with time_machine.travel(moment, tick=False):
        return send_notice(draft_notice(notice, staff), staff, moment)


def change(service, staff, told, reason="", effective_on=APRIL):
    return change_prices(
        service, dearer_lines(effective_on), told, staff, reason, approval=approved("price_list")
    )


def test_prices_change_by_a_notice_that_the_ledger_shows_in_time(service, contract, staff):
    notice = sent(service, staff, at("2027-01-01 23:59"))
    stored = change(service, staff, notice)
    assert (stored.announced_by, stored.evidence, stored.override_reason) == (notice, "", "")
    assert stored.notice["in_time"] is True
    assert stored.decided_notice.latest_send_on == date(2027, 1, 1)


def test_contracts_that_were_not_told_are_named_and_keep_the_old_price(service, contract, staff):
    notice = sent(service, staff, at("2026-12-21"))
    late = make_contract(service, suzuki(), owner_of(suzuki()), "C26-000002", {"line": 1})
    with pytest.raises(ValidationError) as refused:
        change(service, staff, notice)
    assert late.number in str(refused.value)
    assert contract.number not in str(refused.value)
    assert PriceListVersion.objects.count() == 1


def test_a_notice_that_took_effect_too_late_for_one_customer_is_not_in_time(service, contract, staff):
    notice = sent(service, staff, at("2026-12-21"))
    told = NoticeDelivery.objects.filter(notice=notice, effective_at__isnull=False)
    told.update(effective_at=at("2027-01-02"))
    with pytest.raises(ValidationError) as refused:
        change(service, staff, notice)
    assert contract.number in str(refused.value)
    second = sent(service, staff, at("2026-12-22"))
    assert change(service, staff, second).announced_by == second, "another notice of the same prices counts"


def test_who_became_a_customer_after_the_last_day_is_told_as_soon_as_that(service, contract, staff):
    first = sent(service, staff, at("2026-12-21"))
    new = make_contract(service, suzuki(), owner_of(suzuki()), "C27-000001", {"line": 1})
    Contract.objects.filter(pk=new.pk).update(formed_on=date(2027, 1, 10))
    with pytest.raises(ValidationError):
        change(service, staff, first)
    NoticeDelivery.objects.create(
        notice=first,
        organisation=new.organisation,
        channel="site",
        sent_at=at("2027-01-12"),
        effective_at=at("2027-01-12"),
    )
    assert change(service, staff, first).announced_by == first


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"effective_on": date(2027, 5, 1)}, "notice"), ({"purpose": "maintenance"}, "notice")],
)
def test_the_notice_of_something_else_announces_no_prices(service, contract, staff, changed, field):
    notice = sent(service, staff, at("2026-12-21"))
    Notice.objects.filter(pk=notice.pk).update(**changed)
    notice.refresh_from_db()
    with pytest.raises(ValidationError) as refused:
        change(service, staff, notice)
    assert field in refused.value.message_dict


def test_prices_that_concern_a_contract_need_a_notice_or_evidence(service, contract, staff):
    told = ToldOtherwise("letter", at("2026-12-21"), at("2026-12-24"), "配達証明 3号")
    for wrong, field in (
        (None, "notice"),
        (ToldOtherwise("letter", at("2026-12-21"), at("2026-12-24"), " "), "evidence"),
        (ToldOtherwise("letter", at("2026-12-21"), None, "配達証明 3号"), "arrived_at"),
    ):
        with pytest.raises(ValidationError) as refused:
            change(service, staff, wrong)
        assert refused.value.message_dict.keys() == {field}
    assert change(service, staff, told).evidence == "配達証明 3号"


def test_who_starts_later_than_the_prices_is_told_as_well(service, contract, staff):
    """A notice to all contracts that have not ended reaches those whose service is still to start."""
    Contract.objects.filter(pk=contract.pk).update(service_starts_on=date(2027, 5, 1))
    contract.items.update(starts_on=date(2027, 5, 1))
    with pytest.raises(ValidationError) as refused:
        change(service, staff, None)
    assert refused.value.message_dict.keys() == {"notice"}
    notice = sent(service, staff, at("2026-12-21"), scope=Notice.Scope.ALL)
    assert change(service, staff, notice).announced_by == notice


def test_prices_that_concern_nobody_need_no_notice(service, contract, staff):
    """Nobody holds an option; a change of its price reaches nobody."""
    source = price_list_source("ct-e1").replace("2015-04-01", "2027-04-01")
    source = source.replace("unit_price = 10000", "unit_price = 12000", 1)
    stored = change_prices(service, source, None, staff, approval=approved("price_list"))
    assert (stored.notice, stored.announced_by) == ({}, None)


def test_a_manager_may_let_prices_change_although_somebody_was_not_told(service, contract, staff):
    notice = sent(service, staff, at("2026-12-21"))
    make_contract(service, suzuki(), owner_of(suzuki()), "C26-000002", {"line": 1})
    stored = change(service, staff, notice, "個別に同意を得た")
    assert stored.override_reason == "個別に同意を得た"


def test_the_proposal_shows_the_notice_and_who_was_not_told(service, contract, make_staff):
    accountant = make_staff("keiri@provider.example", StaffRole.BILLING)
    notice = sent(service, accountant, at("2026-12-21"))
    wanted = PriceListData(service="ct-e1", source=dearer_lines(), notice=notice.pk)
    proposal = put_forward(PRICE_LIST, wanted, accountant, at("2026-12-22"))
    lines = {line["label"]: line["after"] for line in proposal.lines}
    assert lines["料金を予告したお知らせ"] == "料金改定"
    assert "約款による判定" not in lines
    approve_it(make_staff("boss@provider.example", StaffRole.MANAGER))
    assert PriceListVersion.objects.latest("effective_on").announced_by == notice


def test_the_page_offers_the_notices_that_were_sent(service, contract, make_staff, signed_in):
    client = signed_in(make_staff("keiri@provider.example", StaffRole.BILLING))
    notice = sent(service, staff_member(), at("2026-12-21"))
    address = reverse("admin:billing_pricelistversion_change_prices")
    assert "料金改定" in client.get(address).content.decode()
    entered = {"service": service.pk, "source": dearer_lines()}
    nobody_told = client.post(address, entered)
    assert nobody_told.context["form"].errors.keys() == {"notice"}
    half = client.post(address, {**entered, "channel": "letter"})
    assert half.context["form"].errors.keys() == {"sent_at"}
    assert client.post(address, {**entered, "notice": notice.pk}).status_code == 302


def test_the_service_page_announces_published_prices_of_days_to_come(service, contract, staff, client):
    change(service, staff, sent(service, staff, at("2026-12-21")))
    shown = client.get(reverse("contracts:service-detail", args=[service.slug])).content.decode()
    (announced,) = [part for part in shown.split("<table")[1:] if "予告中" in part.split("</caption>")[0]]
    assert "2027年4月1日" in announced
    assert "¥5,500" in announced and "（税抜¥5,000）" in announced
    assert "¥6,600" in announced and "（税抜¥6,000）" in announced
    assert announced.count("</tr>") == 2, "only what changes is named"
    with time_machine.travel(at("2027-04-01"), tick=False):
        later = client.get(reverse("contracts:service-detail", args=[service.slug])).content.decode()
    assert "変更後" not in later
