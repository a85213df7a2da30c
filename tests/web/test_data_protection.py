"""Pages of data protection: one's own data, periods, what is due, requests."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from contracts.models import Application
from portal.approvals.models import Proposal
from portal.audit.models import AuditEntry
from portal.data_protection.erasing.report import number_of
from portal.data_protection.models import DataCopy, Erasure
from portal.organisations.models import Membership, User
from portal.organisations.roles import StaffRole
from portal.retention.models import RetentionPeriod, days_kept
from tests import scenes
from tests.account_scene import confirm_it_is_you, sign_in
from tests.conftest import PASSWORD

OWN = reverse("data_protection:own-data")
PERIODS = reverse("admin:retention_retentionperiod_changelist")
DUE = reverse("admin:data_protection_erasure_due")
REQUEST = reverse("admin:data_protection_erasure_request")


@pytest.fixture
def as_manager(staff, signed_in):
    return signed_in(staff(StaffRole.MANAGER))


@pytest.fixture
def as_owner(yamada):
    """The owner of 山田商事, who has signed in with a password."""
    owner = scenes.owner_of(yamada)
    owner.set_password(PASSWORD)
    owner.save()
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    return sign_in(owner)


@pytest.fixture
def as_second(make_staff, signed_in):
    return signed_in(make_staff("second@provider.example", StaffRole.MANAGER))


def approved_by(client) -> None:
    proposal = Proposal.objects.get(state=Proposal.State.WAITS)
    page = reverse("admin:approvals_proposal_change", args=[proposal.pk])
    client.post(page, {"approve": "1", "seen": proposal.digest, "comment": ""})


def test_the_account_menu_leads_to_ones_own_data(as_yamada):
    page = as_yamada.get(OWN).content.decode()
    assert "<h1>自分のデータ</h1>" in page
    assert "山田商事株式会社" in page
    assert "会社法432条2項" in page


def test_who_asks_for_everything_gives_the_password_again(as_owner):
    reply = as_owner.post(OWN, {"about": "person"})
    assert reply.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert not DataCopy.objects.exists()


def test_the_file_is_made_and_fetched_and_kept_by_no_cache(as_owner, yamada, committing):
    confirm_it_is_you(as_owner)
    reply = as_owner.post(OWN, {"about": "organisation"})
    copy = DataCopy.objects.get()
    assert reply.headers["Location"] == reverse("data_protection:copy", args=[copy.pk])
    assert copy.organisation == yamada
    assert "ファイルができました" in as_owner.get(reply.headers["Location"]).content.decode()
    file = as_owner.get(reverse("data_protection:copy-file", args=[copy.pk]))
    assert file.content.startswith(b"PK")
    assert "no-store" in file.headers["Cache-Control"]


def test_a_member_who_is_no_owner_gets_their_own_alone(yamada, make_user):
    member = make_user("member@yamada.example")
    Membership.objects.create(user=member, organisation=yamada, role=Membership.Role.MEMBER)
    client = sign_in(member)
    confirm_it_is_you(client)
    assert "組織のファイルを作成する" not in client.get(OWN).content.decode()
    assert client.post(OWN, {"about": "organisation"}).status_code == 404
    assert not DataCopy.objects.exists()


def test_staff_make_a_file_for_who_asked(as_manager, yamada, committing):
    page = reverse("admin:data_protection_datacopy_make")
    typed = {"whom": "hanako@yamada.example", "reason": "11月18日の書面"}
    as_manager.post(page, {**typed, "confirm": "1"})
    assert DataCopy.objects.get().person == scenes.owner_of(yamada)
    shown = as_manager.post(page, {**typed, "whom": "nobody@yamada.example"}).content.decode()
    assert "該当する個人・組織がありません" in shown


def test_the_table_names_law_and_period(as_manager, ct_e1):
    page = as_manager.get(PERIODS).content.decode()
    assert "会社法432条2項" in page
    assert "180日" in page
    assert "CT-e1/SaaS コンタクトセンターサービス: " in page


def test_a_longer_period_holds_at_once_a_shorter_one_when_another_agrees(as_manager, as_second, ct_e1):
    code = ct_e1.provider.code
    page = reverse("admin:retention_retentionperiod_set") + f"?provider={code}&kind=drafts"
    as_manager.post(page, {"days": "200", "reason": "ご要望により", "confirm": "1"})
    assert RetentionPeriod.objects.get().days == 200
    as_manager.post(page, {"days": "100", "reason": "早く消すため", "confirm": "1"})
    assert days_kept(code, "drafts") == 200
    approved_by(as_second)
    assert days_kept(code, "drafts") == 100


@pytest.mark.parametrize("days", ["0", "-1", "36501", "abc", "180"])
def test_days_that_there_can_not_be_are_refused_at_their_field(as_manager, ct_e1, days):
    page = reverse("admin:retention_retentionperiod_set") + f"?provider={ct_e1.provider.code}&kind=drafts"
    reply = as_manager.post(page, {"days": days, "reason": "理由", "confirm": "1"})
    assert reply.context["form"].errors["days"]
    assert not RetentionPeriod.objects.exists()


def test_what_is_due_is_shown_by_name_and_erased_when_another_agrees(
    as_manager, as_second, application, now, committing
):
    Application.objects.filter(pk=application.pk).update(
        status="withdrawn", decided_at=scenes.at("2025-11-01")
    )
    address = f"{DUE}?provider={application.service.provider.code}"
    assert application.number in as_manager.get(address).content.decode()
    as_manager.post(address)
    proposal = Proposal.objects.get()
    named = as_second.get(reverse("admin:data_protection_erasure_proposed", args=[proposal.pk]))
    assert application.number in named.content.decode()
    approved_by(as_second)
    erasure = Erasure.objects.get()
    assert erasure.finished_at
    shown = as_manager.get(
        reverse("admin:data_protection_erasure_change", args=[erasure.pk])
    ).content.decode()
    assert f"{number_of(erasure)}.pdf" in shown
    report = as_manager.get(reverse("admin:data_protection_erasure_report", args=[erasure.pk]))
    assert b"".join(report.streaming_content).startswith(b"%PDF-")


def test_a_request_shows_what_goes_and_what_stays_and_refuses_what_the_law_keeps(as_manager, contract):
    organisation = contract.organisation
    address = f"{REQUEST}?organisation={organisation.pk}"
    page = as_manager.get(address).content.decode()
    assert "保存するものと、その理由" in page
    typed = {"asked_on": "2026-11-18", "way": "letter", "kinds": ["contract_records"]}
    refused = as_manager.post(address, typed).content.decode()
    assert "契約が続く間" in refused
    assert "会社法432条2項" in refused
    assert not Proposal.objects.exists()


def test_a_person_is_erased_on_request(as_manager, as_second, make_user, yamada, committing):
    person = make_user("jiro@yamada.example", display_name="山田 次郎")
    Membership.objects.create(user=person, organisation=yamada, role=Membership.Role.MEMBER)
    found = as_manager.post(
        reverse("admin:data_protection_erasure_on_request"), {"whom": "jiro@yamada.example"}
    )
    assert found.headers["Location"] == f"{REQUEST}?person={person.pk}"
    typed = {"asked_on": "2026-11-18", "way": "letter", "kinds": ["accounts"]}
    as_manager.post(found.headers["Location"], typed)
    approved_by(as_second)
    assert str(User.objects.get(pk=person.pk)) == "（消去済み）"
    assert AuditEntry.objects.filter(action="user.erased").exists()


@pytest.mark.parametrize("role", [StaffRole.RECEPTION, StaffRole.TERMS, StaffRole.BILLING])
def test_who_is_no_manager_sees_and_does_nothing_of_it(staff, signed_in, role, yamada):
    client = signed_in(staff(role))
    person = scenes.owner_of(yamada).pk
    for address in (
        PERIODS,
        DUE,
        f"{REQUEST}?person={person}",
        reverse("admin:data_protection_datacopy_changelist"),
    ):
        assert client.get(address).status_code == 403, address


@pytest.mark.parametrize(
    "address",
    [
        f"{REQUEST}?person=abc",
        f"{REQUEST}?person=999999",
        REQUEST,
        f"{DUE}?provider=XX",
        f"{PERIODS}?provider=%C2%B2",
        reverse("admin:retention_retentionperiod_set") + "?kind=books",
        reverse("admin:data_protection_erasure_proposed", args=[99]),
    ],
)
def test_what_there_is_not_is_not_found(as_manager, ct_e1, address):
    assert as_manager.get(address).status_code == 404
