"""The table of what is found holds what is stored, as the operations keep it."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.core.management.sql import emit_post_migrate_signal
from django.utils import timezone

from billing.models import Invoice
from contracts.inquiries.operations import Question, ask
from contracts.models import ContractRequest
from contracts.requests.kinds.successions import SuccessionData
from contracts.requests.successors import Successor
from portal.data_protection.erasing.accounts import forget_account
from portal.organisations.accounts.profile import change_profile
from portal.organisations.company.entered import correct_organisation
from portal.organisations.members.changing import remove_member
from portal.organisations.members.inviting import accept, invite
from portal.organisations.models import Membership, Organisation
from portal.organisations.operations import OrganisationDetails, register_customer
from portal.organisations.roles import StaffRole
from portal.search.indexing import differences, fill_if_empty, index, rebuild
from portal.search.kinds import kinds
from portal.search.models import SearchEntry
from portal.uniting.unite import unite
from tests import scenes
from tests.approving import approved
from tests.member_scene import READER, person

AT = scenes.at("2026-11-20 10:00")


def found(text: str) -> set[tuple[str, int]]:
    return set(SearchEntry.objects.filter(text__startswith=text).values_list("kind", "thing"))


def test_the_operations_keep_each_kind_of_thing(contract, issued_anew, yamada):
    asked = Question(about_kind="contract", about_number=contract.number, subject="質問", text="質問です")
    ask(scenes.owner_of(yamada), yamada, asked, uuid4(), AT)
    assert differences() == []
    assert set(SearchEntry.objects.values_list("kind", flat=True)) == {kind.key for kind in kinds()}


def test_what_a_thing_stated_before_is_found_no_more(yamada, make_staff):
    assert ("organisation", yamada.pk) in found("ヤマダシヨウジ")
    boss = make_staff("boss@provider.example", StaffRole.MANAGER)
    correct_organisation(yamada, {"kana": "ヤマノショウジ", "phone": "03-9999-0000"}, boss)
    assert ("organisation", yamada.pk) not in found("ヤマダシヨウジ")
    assert found("ヤマノ") == found("99990000") == {("organisation", yamada.pk)}
    assert differences() == []


def test_people_are_found_as_long_as_they_are_members(yamada):
    owner, guest = scenes.owner_of(yamada), person("jiro@yamada.example", display_name="山田 次郎")
    member = accept(invite(yamada, owner, guest.email, READER, AT), guest, AT)
    assert found("jiro") == found("山田次郎") == {("person", member.pk)}
    change_profile(guest, display_name="山本 次郎")
    assert (found("山田次郎"), found("山本次郎")) == (set(), {("person", member.pk)})
    assert differences() == []
    remove_member(member, owner)
    assert found("jiro") == found("山本次郎") == set()
    assert differences() == []


def test_who_is_erased_is_found_no_more(yamada):
    guest = person("jiro@yamada.example", display_name="山田 次郎")
    accept(invite(yamada, scenes.owner_of(yamada), guest.email, READER, AT), guest, AT)
    forget_account(guest, scenes.staff_member(), timezone.now())
    assert found("jiro") == set()
    assert differences() == []


def test_what_is_entered_in_the_administration_is_found(yamada, make_staff, signed_in):
    client = signed_in(make_staff("boss@provider.example", StaffRole.MANAGER))
    guest = person("jiro@yamada.example", display_name="山田 次郎")
    page = f"/admin/organisations/organisation/{yamada.pk}/change/"
    sent = {
        "name": "山田総業株式会社",
        "same_party": "on",
        "kana": "",
        "corporate_number": "",
        "postal_code": "100-0001",
        "address": "東京都千代田区千代田1-1",
        "phone": "03-0000-0000",
        "invoice_email": "",
        "memberships-TOTAL_FORMS": "2",
        "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": Membership.objects.get(organisation=yamada).pk,
        "memberships-0-organisation": yamada.pk,
        "memberships-1-organisation": yamada.pk,
        "memberships-1-user": guest.pk,
        "memberships-1-role": "member",
    }
    assert client.post(page, sent).status_code == 302
    assert found("総業") == {("organisation", yamada.pk)}
    assert found("jiro")
    assert differences() == []


def test_what_passes_to_a_successor_is_the_successors(contract):
    successor = Successor(
        name="株式会社あとつぎ",
        postal_code="100-0001",
        address="東京都千代田区千代田2-2",
        phone="03-0000-0002",
        email="atotsugi@customer.example",
    )
    data = SuccessionData(wanted_on=scenes.day("2026-11-20"), successors=(successor,), cause="merger")
    request = scenes.ask(contract, "succession", data, AT)
    ContractRequest.objects.filter(pk=request.pk).update(proof_wanted=False)
    scenes.grant(request, AT)
    contract.refresh_from_db()
    assert contract.organisation.name == "株式会社あとつぎ"
    own = SearchEntry.objects.filter(kind="contract", thing=contract.pk)
    assert set(own.values_list("organisation", flat=True)) == {contract.organisation_id}
    assert differences() == []


def test_what_is_united_belongs_to_the_one_that_stays(contract):
    suzuki = scenes.suzuki()
    unite(suzuki, scenes.yamada(), scenes.staff_member(), AT, approval=approved("organisations_united"))
    assert set(SearchEntry.objects.values_list("organisation", flat=True)) == {suzuki.pk, None}
    assert differences() == []


def test_nothing_is_kept_of_what_was_taken_back(details):
    before = SearchEntry.objects.count()
    with pytest.raises(Exception, match="postal"):
        register_customer(OrganisationDetails(**{**vars(details), "postal_code": "1"}), None)
    assert SearchEntry.objects.count() == before


def test_the_table_is_made_anew_and_compared(contract):
    made = SearchEntry.objects.count()
    SearchEntry.objects.filter(kind="invoice").delete()
    invoice = Invoice.objects.first()
    assert any(line.startswith(f"invoice {invoice.pk}: lacks") for line in differences())
    with pytest.raises(CommandError, match="invoice"):
        call_command("rebuild_search", check=True)
    said = StringIO()
    call_command("rebuild_search", stdout=said)
    assert said.getvalue() == f"{made} entries.\n"
    call_command("rebuild_search", check=True, stdout=StringIO())


def test_storing_what_is_stored_changes_nothing(yamada):
    before = list(SearchEntry.objects.order_by("pk").values_list("pk", "text"))
    index(yamada)
    assert list(SearchEntry.objects.order_by("pk").values_list("pk", "text")) == before


def test_an_upgrade_fills_the_table(yamada):
    SearchEntry.objects.all().delete()
    fill_if_empty("default")
    assert not SearchEntry.objects.exists(), "nothing was migrated"
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default", plan=["a migration"])
    assert differences() == []
    SearchEntry.objects.filter(kind="person").delete()
    fill_if_empty("default", plan=["a migration"])
    assert differences() != [], "what is there stays as it is"


def test_everything_of_united_organisations_is_theirs_after_a_rebuild(contract):
    suzuki = scenes.suzuki()
    unite(suzuki, scenes.yamada(), scenes.staff_member(), AT, approval=approved("organisations_united"))
    rebuild()
    assert Organisation.objects.filter(united_into=suzuki).exists()
    assert set(SearchEntry.objects.values_list("organisation", flat=True)) == {suzuki.pk, None}
