"""One box finds anything that somebody of the staff may see."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import BankTransaction, Invoice, Payment
from contracts.models import Application, ContractRequest, IssuedLetter
from contracts.wording.formats import yen_text
from portal.organisations.operations import OrganisationDetails, register_customer
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.search.scene import found


@pytest.fixture
def as_manager(make_staff, signed_in) -> Client:
    return signed_in(make_staff("boss@provider.example", StaffRole.MANAGER))


def registered(name: str, **stated: str) -> None:
    kept = {"postal_code": "100-0001", "address": "東京都千代田区千代田1-1", "phone": "03-0000-0000"}
    register_customer(OrganisationDetails(**{**kept, "name": name, "invoice_email": "", **stated}), None)


@pytest.mark.parametrize(
    "text",
    [
        "山田",
        "田商",
        "株式会社山田商事",
        "山田商事㈱",
        "やまだ",
        "ﾔﾏﾀﾞ",
        "ヤマタ\u3099シヨウジ",
        "山田 ヤマダ",
        "03-1234-5678",
        "０３１２３４５６７８",
        "5678",
        "山田　5678",
    ],
)
def test_an_organisation_is_found_however_it_is_written(as_manager, yamada, text):
    assert found(as_manager, text)["organisation"] == ["山田商事株式会社"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("𠮷野家商店", "吉野家"), ("吉野家商店", "𠮷野"), ("髙﨑工業", "高崎"), ("高崎工業", "髙﨑")],
)
def test_kanji_and_their_variants(as_manager, name, text):
    registered(name)
    assert found(as_manager, text) == {"organisation": [name]}


def test_a_corporate_number(as_manager):
    registered("港商事", corporate_number="7000012050002")
    for text in ("7000012050002", "T7000012050002", "７０００－０１２０－５０００２"):
        assert found(as_manager, text) == {"organisation": ["港商事"]}


def test_people_by_their_addresses_and_names(as_manager, yamada):
    for text in ("hanako@yamada.example", "HANAKO", "花子"):
        assert found(as_manager, text)["person"] == ["山田 花子"]


def test_everything_with_a_number_by_any_part_of_it(as_manager, contract):
    things = {
        "contract": contract,
        "application": Application.objects.get(),
        "request": ContractRequest.objects.get(),
        "letter": IssuedLetter.objects.first(),
        "invoice": Invoice.objects.filter(kind="invoice").get(),
    }
    for kind, thing in things.items():
        whole = thing.number
        full_width = "".join(chr(ord(sign) + 0xFEE0) for sign in whole)
        for text in (whole, whole.lower(), whole.replace("-", ""), full_width, whole[2:]):
            assert whole in found(as_manager, text)[kind], (kind, text)


def test_amounts_exactly(as_manager, contract):
    invoice = Invoice.objects.filter(kind="invoice").get()
    amount = yen_text(invoice.gross)
    for text in (str(invoice.gross), amount, f"¥{invoice.gross:,}"):
        groups = found(as_manager, text)
        assert invoice.number in groups["invoice"]
        assert groups["payment"] == groups["received"] == [amount]
    assert "received" not in found(as_manager, str(invoice.gross)[:-1])


def test_payments_by_who_paid(as_manager, contract):
    groups = found(as_manager, "やまだしょうじ")
    assert groups["payment"] == [yen_text(Payment.objects.get().amount)]
    assert len(groups["received"]) == 1
    assert len(found(as_manager, "スズキ")["received"]) == 1


def test_what_is_nearest_comes_first(as_manager):
    for name in ("川口商事東京", "川口", "東川口"):
        registered(name)
    assert found(as_manager, "川口")["organisation"] == ["川口", "川口商事東京", "東川口"]


def test_results_tell_what_tells_them_apart(as_manager, contract):
    page = as_manager.get(reverse("admin:search"), {"q": contract.number}).content.decode()
    assert all(
        text in page for text in (contract.number, "山田商事株式会社", contract.service.name, "終了予定")
    )
    assert reverse("admin:contracts_contract_change", args=[contract.pk]) in page


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (StaffRole.RECEPTION, {"organisation", "contract"}),
        (StaffRole.BILLING, {"organisation", "contract", "invoice", "payment", "received"}),
        (StaffRole.AUDITOR, {"organisation", "contract", "invoice", "payment", "received"}),
        (StaffRole.PEOPLE, set()),
    ],
)
def test_each_role_finds_what_it_may_see(make_staff, signed_in, contract, role, seen):
    client = signed_in(make_staff("staff@provider.example", role))
    invoice = Invoice.objects.filter(kind="invoice").get()
    texts = (contract.number, "やまだ", invoice.number, str(invoice.gross))
    kinds = {key for text in texts for key in found(client, text)}
    money = {"invoice", "payment", "received"}
    assert kinds & {"organisation", "contract", *money} == seen
    may_see_money = client.get(reverse("admin:billing_invoice_changelist")).status_code == 200
    assert may_see_money == ("invoice" in kinds)


def test_staff_of_a_provider_find_their_own_alone(make_staff, signed_in, contract):
    other = load_priced_service("simpleconnect")
    boss = scenes.works_for(make_staff("boss@provider.example", StaffRole.MANAGER), other.provider)
    client = signed_in(boss)
    invoice = Invoice.objects.filter(kind="invoice").get()
    for text in ("山田", "hanako", contract.number, invoice.number, str(invoice.gross), "スズキ"):
        assert found(client, text) == {}, text


def test_customers_have_no_such_page(signed_in, contract):
    client = signed_in(scenes.owner_of(contract.organisation))
    assert client.get(reverse("admin:search"), {"q": "山田"}).status_code == 302


@pytest.mark.parametrize(
    ("text", "said"),
    [("a", "2文字以上"), ("・・", "2文字以上"), ("ないもの", "該当するものがありません"), ("", "電話番号")],
)
def test_words_for_what_is_not_found(as_manager, text, said):
    page = as_manager.get(reverse("admin:search"), {"q": text})
    assert said in page.content.decode()
    assert page.context["groups"] == []


@pytest.mark.parametrize(
    "text", ["%", "_", "'", "\U0010ffff" * 3, "ab" * 500, "1 2 3 山 田 商 事 株 式 会 社", "9" * 40]
)
def test_any_text_is_taken(as_manager, yamada, text):
    assert as_manager.get(reverse("admin:search"), {"q": text}).status_code == 200


def test_a_page_of_the_sidebar_by_its_name(as_manager):
    assert "請求書" in found(as_manager, "請求書")["page"]


def test_the_part_under_the_box_is_no_whole_page(as_manager, yamada):
    part = as_manager.get(reverse("admin:search"), {"q": "山田", "part": "1"}).content.decode()
    assert 'role="option"' in part
    assert "<html" not in part


def test_each_page_has_the_box(as_manager):
    for name in (
        "admin:index",
        "admin:contracts_contract_changelist",
        "work-queue",
        "tables",
        "admin:search",
    ):
        assert 'action="/admin/search/"' in as_manager.get(reverse(name)).content.decode(), name


def test_the_number_of_queries_depends_on_the_kinds_alone(as_manager, contract):
    def asked(text: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found(as_manager, text)
        return len(queries)

    before = asked("山田")
    for number in range(60):
        registered(f"山田{number}")
    assert asked("山田") == before
    page = as_manager.get(reverse("admin:search"), {"q": "山田"})
    assert next(group.more for group in page.context["groups"] if group.key == "organisation")
    assert BankTransaction.objects.exists()
