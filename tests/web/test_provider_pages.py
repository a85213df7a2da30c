"""Staff see what documents state of a provider, and change it from a day on."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from contracts.models import Provider
from portal.organisations.roles import StaffRole
from tests.approving import approve_it
from tests.billing_scene import load_service
from tests.scenes import at, restated

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(at("2026-11-10"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def provider() -> Provider:
    return load_service("ct-e1").provider


@pytest.fixture
def client(make_staff, signed_in):
    return signed_in(make_staff("manager@provider.example", StaffRole.MANAGER))


def address(name: str, provider: Provider) -> str:
    return reverse(f"admin:contracts_provider_{name}", args=[provider.pk])


def posted(client, provider, **changed) -> dict:
    """The form as it is filled in, but for what is changed."""
    form = client.get(address("change_stated", provider)).context["form"]
    filled = {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}
    return {**filled, **changed}


def test_the_page_shows_what_holds_what_held_and_what_is_to_come(client, provider):
    restated(provider, date(2026, 11, 10), address="東京都港区1-1")
    restated(provider, date(2027, 1, 1), registration_number="")
    page = client.get(address("change", provider)).content.decode()
    for shown in (
        "当初から",
        "2026年11月10日",
        "本日適用中",
        "2027年1月1日",
        "予定",
        "東京都港区1-1",
        "なし",
    ):
        assert shown in page
    assert page.index("2027年1月1日") < page.index("2026年11月10日") < page.index("当初から")


def test_a_change_is_looked_at_approved_and_stored_from_its_day_on(client, provider, make_staff):
    data = posted(
        client, provider, starts_on="2026/12/1", name="新社名株式会社", account_number="７６５４３２１"
    )
    preview = client.post(address("change_stated", provider), data).content.decode()
    assert "株式会社コムデザイン → 新社名株式会社" in preview
    assert provider.particulars.count() == 1

    client.post(address("change_stated", provider), {**data, "confirm": "1"})
    assert provider.particulars.count() == 1
    done = approve_it(make_staff("other@provider.example", StaffRole.MANAGER))
    assert "2026年12月1日から書類に表示します。" in done.outcome
    stored = Provider.objects.get(pk=provider.pk).on(date(2026, 12, 1))
    assert (stored.name, stored.bank_account["number"]) == ("新社名株式会社", "7654321")
    assert stored.bank_account["bank"] == "見本第一銀行"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"starts_on": "2026-12-01"}, "最後に保存した内容と同じです"),
        ({"starts_on": "2026-11-09", "name": "新社名株式会社"}, "さかのぼれるのは登録番号だけです"),
        ({"starts_on": "2026-12-01", "registration_number": "T7000012050002"}, "T9000000111111です"),
        ({"starts_on": "2026-12-01", "account_number": "123"}, "7桁の数字で入力してください"),
        ({"starts_on": "", "name": "新社名株式会社"}, "必須"),
    ],
)
def test_what_can_not_be_stored_is_told_and_nothing_is(client, provider, changed, message):
    answer = client.post(address("change_stated", provider), {**posted(client, provider), **changed})
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert provider.particulars.count() == 1


def test_a_coming_change_is_withdrawn_by_two_people(client, provider, make_staff):
    restated(provider, date(2027, 1, 1), address="東京都港区1-1")
    assert (
        "東京都千代田区見本町1-1 → 東京都港区1-1"
        in client.get(address("withdraw_change", provider)).content.decode()
    )
    client.post(address("withdraw_change", provider), {"confirm": "1"})
    assert provider.particulars.count() == 2
    done = approve_it(make_staff("other@provider.example", StaffRole.MANAGER))
    assert done.outcome == "予定の変更を取り消しました。"
    assert {"label": "住所", "before": "東京都港区1-1", "after": "東京都千代田区見本町1-1"} in done.lines
    assert provider.particulars.count() == 1


def test_what_has_begun_is_not_offered_to_be_withdrawn(client, provider):
    restated(provider, date(2026, 11, 10), address="東京都港区1-1")
    assert (
        address("withdraw_change", provider) not in client.get(address("change", provider)).content.decode()
    )
    refused = client.post(address("withdraw_change", provider), {"confirm": "1"})
    assert "まだ適用が始まっていない変更だけです" in refused.content.decode()
    assert provider.particulars.count() == 2


@pytest.mark.parametrize("role", [StaffRole.RECEPTION, StaffRole.TERMS, StaffRole.BILLING])
def test_only_managers_change_it(make_staff, signed_in, provider, role):
    client = signed_in(make_staff("staff@provider.example", role))
    assert client.get(address("change", provider)).status_code == 200
    assert client.get(address("change_stated", provider)).status_code == 403


def test_lists_of_providers_take_no_query_for_each(client, provider, django_assert_max_num_queries):
    load_service("desknets")
    with django_assert_max_num_queries(12):
        page = client.get(reverse("admin:contracts_service_changelist")).content.decode()
    assert "株式会社コムデザイン" in page
