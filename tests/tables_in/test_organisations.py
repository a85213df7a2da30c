"""Tables of organisations and of people: what a row means, and what is done."""

import pytest
from django.urls import reverse
from django.utils.timezone import now

from portal.audit.models import AuditEntry
from portal.organisations.company.number import confirm_number
from portal.organisations.members.rights import Right
from portal.organisations.models import Invitation, Membership, Organisation
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from tests import scenes
from tests.billing_scene import load_service
from tests.tables_scene import as_workbook, outcomes, reasons, shown, taken

FIELDS = ["name", "corporate_number", "postal_code", "address", "phone", "invoice_email"]
MINATO = ["株式会社みなと", "", "105-0011", "東京都港区", "03-0000-0000", "keiri@minato.example"]
PEOPLE = ["name", "email", "role", "handles_contracts", "limited_to"]


@pytest.fixture
def clerk(make_staff, progoffice):
    return make_staff("uketsuke@provider.example", StaffRole.RECEPTION)


def test_a_corporate_number_names_the_organisation_whatever_it_is_called(clerk):
    taken("organisations", [FIELDS, [*MINATO[:1], "7000012050002", *MINATO[2:]]], clerk)
    renamed = ["みなと株式会社", "T7000012050002", *MINATO[2:]]
    refused = shown("organisations", [FIELDS, renamed], clerk)
    assert outcomes(refused) == ["refused"]
    assert "契約者が変わらないことを確認してください" in reasons(refused)[0]
    said = [[*FIELDS, "名称のみの変更"], [*renamed, "はい"]]
    assert outcomes(taken("organisations", said, clerk)) == ["changed"]
    assert [one.name for one in Organisation.objects.all()] == ["みなと株式会社"]
    assert outcomes(shown("organisations", said, clerk)) == ["unchanged"]


def test_two_of_one_name_have_to_be_told_apart(clerk):
    for number in ("7000012050002", "3501100100000"):
        Organisation.objects.create(
            name="同名商事", corporate_number=number, postal_code="105-0011", address="東京都", phone="03-1"
        )
    table = shown("organisations", [FIELDS, ["同名商事", *MINATO[1:]]], clerk)
    numbers = "、".join(str(one.pk) for one in Organisation.objects.order_by("pk"))
    said = f"法人・団体名: 該当する組織が複数あります。組織番号を記入してください（{numbers}）。"
    assert reasons(table) == [said]


def test_two_rows_of_the_same_organisation_are_refused(clerk):
    table = shown("organisations", [FIELDS, MINATO, MINATO], clerk)
    assert outcomes(table) == ["new", "refused"]
    assert "2行目" in reasons(table)[0]


def test_another_corporate_number_is_not_confirmed(clerk):
    taken("organisations", [["name", *FIELDS[1:]], [MINATO[0], "7000012050002", *MINATO[2:]]], clerk)
    organisation = Organisation.objects.get()
    confirm_number(organisation, clerk, now())
    rows = [["organisation", *FIELDS], [organisation.pk, MINATO[0], "3501100100000", *MINATO[2:]]]
    assert outcomes(taken("organisations", rows, clerk)) == ["changed"]
    organisation.refresh_from_db()
    assert (organisation.corporate_number, organisation.number_confirmed_at) == ("3501100100000", None)


def test_a_column_that_is_missing_leaves_what_is_stored(clerk):
    taken("organisations", [[*FIELDS, "kana"], [*MINATO, "みなと"]], clerk)
    taken("organisations", [FIELDS, [*MINATO[:4], "03-1111-1111", MINATO[5]]], clerk)
    found = Organisation.objects.get()
    assert (found.kana, found.phone) == ("ミナト", "03-1111-1111")
    taken("organisations", [[*FIELDS, "kana"], [*MINATO, ""]], clerk)
    found.refresh_from_db()
    assert found.kana == ""


def test_what_was_stored_by_other_rules_is_left_as_it_is(clerk):
    stored = Organisation.objects.create(
        name="ﾐﾅﾄ", postal_code="105-0011", address="ﾄｳｷｮｳ", phone="内線12", invoice_email="a@minato.example"
    )
    rows = [FIELDS, ["ﾐﾅﾄ", "", "105-0011", "ﾄｳｷｮｳ", "内線12", "a@minato.example"]]
    assert outcomes(shown("organisations", rows, clerk)) == ["unchanged"]
    assert stored.phone == "内線12"


def test_staff_of_one_provider_neither_see_nor_change_the_customers_of_another(make_staff, progoffice):
    other = load_service("simpleconnect").provider
    theirs = scenes.suzuki()
    clerk = scenes.works_for(make_staff("a@provider.example", StaffRole.RECEPTION), progoffice.provider)
    rows = [["organisation", *FIELDS], [theirs.pk, theirs.name, *MINATO[1:]]]
    table = shown("organisations", rows, clerk, progoffice.provider)
    assert reasons(table) == ["組織番号: この番号の組織はありません。"]
    table = shown("organisations", [FIELDS, [theirs.name, *MINATO[1:]]], clerk, progoffice.provider)
    assert reasons(table) == ["新しい組織を登録できるのは、このポータルのすべての提供者を担当する人です。"]
    assert other != progoffice.provider


def test_corrections_are_told_in_the_history(clerk):
    taken("organisations", [FIELDS, MINATO], clerk)
    taken("organisations", [FIELDS, [*MINATO[:4], "03-1111-1111", MINATO[5]]], clerk)
    entry = AuditEntry.objects.get(action="organisation.corrected")
    assert entry.personal == {"phone": {"before": "03-0000-0000", "after": "03-1111-1111"}}


def test_a_new_person_is_invited_and_gets_no_password(clerk, no_worker):
    taken("organisations", [FIELDS, MINATO], clerk)
    taken("people", [PEOPLE, ["株式会社みなと", "Taro@minato.example", "管理者", "", ""]], clerk)
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.rights) == ("taro@minato.example", [Right.OWN])
    mail = Mail.objects.get()
    assert mail.address == "taro@minato.example"
    assert "提供者の担当者" in mail.text and str(clerk) not in mail.text
    assert not Membership.objects.exists()


def test_members_are_known_and_their_roles_stay(clerk, organisation, user):
    same = [PEOPLE, [organisation.name, user.email, "owner", "", ""]]
    assert outcomes(shown("people", same, clerk)) == ["unchanged"]
    other = [PEOPLE, [organisation.name, user.email, "メンバー", "はい", ""]]
    table = shown("people", other, clerk)
    assert outcomes(table) == ["refused"]
    assert "役割は組織の管理者が変更します" in reasons(table)[0]


def test_who_was_invited_is_not_invited_again(clerk, organisation):
    rows = [PEOPLE, [organisation.name, "taro@minato.example", "member", "yes", ""]]
    taken("people", rows, clerk)
    assert outcomes(shown("people", rows, clerk)) == ["unchanged"]


def test_a_limit_names_contracts_of_the_organisation(clerk, progoffice, organisation):
    table = shown("people", [PEOPLE, [organisation.name, "a@minato.example", "member", "", "C00-1"]], clerk)
    assert reasons(table) == ["対象の契約を限定: この組織に該当する契約番号がありません：C00-1。"]


def test_people_of_an_organisation_that_is_not_there_are_refused(clerk):
    table = shown("people", [PEOPLE, ["無名商事", "a@minato.example", "member", "", ""]], clerk)
    assert reasons(table) == ["法人・団体名: 該当する組織がありません。先に組織の表を取り込んでください。"]


def test_tables_of_organisations_are_looked_at_by_who_brought_them(make_staff, progoffice, signed_in):
    """They may be of customers of another provider for which that person works, too."""
    load_service("simpleconnect")
    both = make_staff("both@provider.example", StaffRole.RECEPTION)
    colleague = scenes.works_for(make_staff("one@provider.example", StaffRole.RECEPTION), progoffice.provider)
    table = shown("organisations", [FIELDS, MINATO], both, progoffice.provider)
    page = reverse("table-import", args=[table.pk])
    assert [signed_in(one).get(page).status_code for one in (both, colleague)] == [200, 404]


UNSHOWN = (
    "法人・団体名: 請求書や通知書に印字できない文字があります：😀 (U+1F600)。別の文字で入力してください。"
)


def test_what_documents_cannot_show_is_named_at_its_cell(clerk):
    table = shown("organisations", [FIELDS, ["みなと😀", *MINATO[1:]]], clerk)
    assert reasons(table) == [UNSHOWN]
    table = shown("organisations", [FIELDS, [*MINATO[:3], "東京都😀", *MINATO[4:]]], clerk)
    assert reasons(table) == [UNSHOWN.replace("法人・団体名", "住所")]


def test_an_organisation_is_found_by_a_name_that_documents_cannot_show(clerk, organisation):
    organisation.name = "みなと😀"
    organisation.save()
    table = shown("people", [PEOPLE, [organisation.name, "taro@minato.example", "member", "", ""]], clerk)
    assert outcomes(table) == ["new"]


@pytest.mark.parametrize("written", ["105−0011", "105‐0011", "１０５―００１１", "〒105–0011", "1050011"])
def test_a_postal_code_is_read_with_whatever_dash(clerk, written):
    taken("organisations", [FIELDS, [*MINATO[:2], written, *MINATO[3:]]], clerk)
    assert Organisation.objects.get().postal_code == "105-0011"


@pytest.mark.parametrize(("column", "number"), [(2, 600001), (4, 312345678)])
def test_numbers_that_lost_their_first_0_in_a_workbook_are_refused(clerk, column, number):
    row = [*MINATO[:column], number, *MINATO[column + 1 :]]
    assert outcomes(shown("organisations", as_workbook([FIELDS, row]), clerk)) == ["refused"]


def test_a_name_with_marks_apart_is_the_same_organisation(clerk, organisation):
    organisation.name = "株式会社ガイア"
    organisation.save()
    table = shown(
        "people", [PEOPLE, ["株式会社カ\u3099イア", "taro@minato.example", "member", "", ""]], clerk
    )
    assert outcomes(table) == ["new"]
