"""Staff of one provider learn, take out and erase nothing of people and customers of another."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contracts.models import Application, Contract
from portal.approvals.decide import approve, may_approve, put_forward, second_persons
from portal.approvals.models import Proposal
from portal.data_protection.copies.asking import ask_for_copy, fetch_copy, may_fetch
from portal.data_protection.copies.making import make_copy
from portal.data_protection.models import DataCopy, Erasure
from portal.data_protection.proposed import ERASURE, ErasureData
from portal.data_protection.stopped import stopped_work
from portal.organisations.models import Organisation, User
from portal.organisations.roles import StaffRole
from portal.retention.models import RetentionPeriod
from portal.retention.periods import set_period
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.member_scene import OWNER, join

DUE = reverse("admin:data_protection_erasure_due")
REQUEST = reverse("admin:data_protection_erasure_request")
PERIODS = reverse("admin:retention_retentionperiod_changelist")
FIRST_PAGE = reverse("admin:index")
ANSWERS = "ご本人から書面で請求"


@pytest.fixture
def foreign(db) -> Contract:
    """鈴木製作所's contract with another provider."""
    return scenes.running(load_priced_service("simpleconnect"), {"id": 1}, scenes.suzuki())


@pytest.fixture
def suzuki(foreign) -> Organisation:
    return foreign.organisation


@pytest.fixture
def boss(make_staff, contract, foreign) -> User:
    """The manager of 山田商事's provider alone."""
    boss = make_staff("boss@provider.example", StaffRole.MANAGER)
    return scenes.works_for(boss, contract.service.provider)


@pytest.fixture
def theirs(make_staff, contract, foreign) -> User:
    """A manager of the other provider alone."""
    theirs = make_staff("theirs@provider.example", StaffRole.MANAGER)
    return scenes.works_for(theirs, foreign.service.provider)


@pytest.fixture
def as_boss(boss, signed_in) -> Client:
    return signed_in(boss)


def refused(contract: Contract) -> Application:
    """An application to the contract's service that failed so long ago that it is due."""
    applied = scenes.apply(
        contract.service,
        {"id": 1},
        scenes.at("2026-09-01"),
        organisation=contract.organisation,
    )
    Application.objects.filter(pk=applied.pk).update(
        status=Application.Status.REFUSED, decided_at=scenes.at("2024-01-10"), refusal_reason="other"
    )
    return applied


def test_no_copy_is_made_of_what_is_held_about_anothers_customer(boss, suzuki, theirs):
    for somebody in (suzuki, scenes.owner_of(suzuki)):
        with pytest.raises(ValidationError) as refusal:
            ask_for_copy(somebody, boss, timezone.now(), reason=ANSWERS)
        assert refusal.value.code == "other_provider"
    assert not DataCopy.objects.exists()
    assert ask_for_copy(suzuki, theirs, timezone.now(), reason=ANSWERS)


def test_no_copy_that_others_made_is_fetched(boss, suzuki, theirs, as_boss):
    copy = ask_for_copy(suzuki, theirs, timezone.now(), reason=ANSWERS)
    make_copy(copy.pk, "a worker")
    copy.refresh_from_db()
    assert may_fetch(copy, theirs)
    with pytest.raises(ValidationError, match="ほかの方のために"):
        fetch_copy(copy, boss)
    assert as_boss.get(reverse("data_protection:copy-file", args=[copy.pk])).status_code == 404


def test_nobody_is_found_who_is_of_another_provider(as_boss, suzuki):
    page = reverse("admin:data_protection_datacopy_make")
    typed = {"whom": suzuki.name, "reason": ANSWERS, "confirm": "1"}
    assert "whom" in as_boss.post(page, typed).context["form"].errors
    page = reverse("admin:data_protection_erasure_on_request")
    for whom in (suzuki.name, scenes.owner_of(suzuki).email):
        assert "whom" in as_boss.post(page, {"whom": whom}).context["form"].errors


def test_what_is_held_about_anothers_customer_is_not_shown_by_its_key(as_boss, suzuki, yamada):
    assert as_boss.get(REQUEST, {"organisation": suzuki.pk}).status_code == 404
    assert as_boss.get(REQUEST, {"person": scenes.owner_of(suzuki).pk}).status_code == 404
    assert as_boss.get(REQUEST, {"organisation": yamada.pk}).status_code == 200


def test_what_is_due_of_another_provider_is_neither_shown_nor_proposed(as_boss, boss, contract, foreign):
    applied = refused(foreign)
    provider = foreign.service.provider
    assert as_boss.get(DUE, {"provider": provider.code}).status_code == 404
    assert as_boss.post(f"{DUE}?provider={provider.code}").status_code == 404
    page = as_boss.get(DUE).content.decode()
    assert applied.number not in page
    assert provider.name not in page
    with pytest.raises(ValidationError) as refusal:
        put_forward(ERASURE, ErasureData(day=scenes.day("2026-11-20"), provider=""), boss, timezone.now())
    assert refusal.value.code == "other_provider"


def proposed(suzuki: Organisation, theirs: User) -> Proposal:
    """That the owner of 鈴木製作所 goes, where there is another."""
    person = scenes.owner_of(suzuki)
    join(suzuki, OWNER, "second@suzuki.example")
    data = ErasureData(day=scenes.day("2026-11-20"), way="letter", person=person.pk, kinds=("accounts",))
    return put_forward(ERASURE, data, theirs, timezone.now())


def test_an_erasure_is_approved_by_staff_of_the_provider_alone(suzuki, theirs, boss, as_boss):
    waiting = proposed(suzuki, theirs)
    assert not may_approve(waiting, boss)
    with pytest.raises(ValidationError):
        approve(waiting, boss, waiting.digest, timezone.now())
    assert not Erasure.objects.exists()
    assert boss not in second_persons(waiting)
    names = reverse("admin:data_protection_erasure_proposed", args=[waiting.pk])
    assert as_boss.get(names).status_code == 404


def test_the_second_of_the_provider_reads_by_name_what_would_go(suzuki, theirs, make_staff, signed_in):
    waiting = proposed(suzuki, theirs)
    second = make_staff("other@provider.example", StaffRole.MANAGER)
    second = scenes.works_for(second, theirs.belongings.get().provider)
    page = signed_in(second).get(reverse("admin:data_protection_erasure_proposed", args=[waiting.pk]))
    assert page.status_code == 200
    assert "鈴木 一郎" in page.content.decode()


def test_of_a_customer_of_both_nobody_but_staff_of_both_takes_all_out(boss, contract, foreign, suzuki):
    scenes.running(contract.service, {"line": 1}, suzuki)
    with pytest.raises(ValidationError) as refusal:
        ask_for_copy(suzuki, boss, timezone.now(), reason=ANSWERS)
    assert refusal.value.code == "also_of_others"
    both = scenes.works_for(boss, contract.service.provider, foreign.service.provider)
    assert ask_for_copy(suzuki, both, timezone.now(), reason=ANSWERS)


def test_who_asks_for_a_customer_of_both_reads_why_not(as_boss, contract, suzuki):
    scenes.running(contract.service, {"line": 1}, suzuki)
    page = as_boss.post(reverse("admin:data_protection_erasure_on_request"), {"whom": suzuki.name})
    (told,) = page.context["form"].errors["whom"]
    assert "他の提供者とも取引があります" in told


def test_the_customer_takes_all_of_it_out_without_staff(suzuki):
    assert ask_for_copy(suzuki, scenes.owner_of(suzuki), timezone.now())


def test_periods_of_another_provider_are_neither_shown_nor_set(as_boss, boss, foreign):
    code = foreign.service.provider.code
    assert as_boss.get(PERIODS, {"provider": code}).status_code == 404
    for provider in (code, ""):
        with pytest.raises(ValidationError) as refusal:
            set_period(provider, "documents" if provider else "mails", 4000, "理由", boss, timezone.now())
        assert refusal.value.code == "other_provider"
    assert not RetentionPeriod.objects.exists()


def test_the_first_page_counts_what_is_due_of_ones_own_providers(
    as_boss, contract, foreign, theirs, signed_in
):
    refused(foreign)

    def due(client: Client) -> int:
        (shown,) = [one for one in client.get(FIRST_PAGE).context["waiting"] if one.url == DUE]
        return shown.count

    assert (due(as_boss), due(signed_in(theirs))) == (0, 1)


def test_what_is_stopped_at_another_provider_is_no_trouble_of_ones_own(boss, suzuki, theirs):
    copy = ask_for_copy(suzuki, theirs, timezone.now(), reason=ANSWERS)
    DataCopy.objects.filter(pk=copy.pk).update(trouble="disk full")
    assert stopped_work(boss) is None
    assert "disk full" in stopped_work(theirs).text


@pytest.mark.parametrize("page", ["changelist", "due"])
def test_auditors_read_it_and_change_nothing(page, make_staff, signed_in, contract, foreign):
    refused(foreign)
    client = signed_in(make_staff("auditor@provider.example", StaffRole.AUDITOR))
    address = reverse(f"admin:data_protection_erasure_{page}")
    shown = client.get(f"{address}?provider={foreign.service.provider.code}" if page == "due" else address)
    assert shown.status_code == 200
    assert client.post(f"{DUE}?provider={foreign.service.provider.code}").status_code == 403
    assert "すべての消去を申請する" not in shown.content.decode()
    assert client.get(PERIODS).status_code == 200
    assert not Proposal.objects.exists()
