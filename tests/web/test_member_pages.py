"""The pages of members: inviting, accepting, changing, removing, and what members did."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from contracts.models import Contract
from contracts.requests.withdrawal import withdraw_request
from portal.audit.models import AuditEntry
from portal.organisations.members.inviting import invite
from portal.organisations.members.rights import Right
from portal.organisations.models import Invitation, Membership, User
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from portal.outbox.secrets import opened
from tests import scenes
from tests.conftest import PASSWORD
from tests.member_scene import BILLING, BOTH, READER, join, limited, link_to, person

LIST = reverse("organisations:members")
CHANGE = "admin:organisations_organisation_change"
INVITE = reverse("organisations:member-invite")
EMAIL = "new@yamada.example"


@pytest.fixture
def invited(yamada, no_worker) -> Invitation:
    return invite(yamada, scenes.owner_of(yamada), EMAIL, BILLING, scenes.at("2026-11-20 10:00"))


def page_of(client: Client, name: str, *arguments: object) -> str:
    return client.get(reverse(name, args=arguments)).content.decode()


def test_an_owner_invites_a_colleague_for_one_contract(as_yamada, yamada, contract, no_worker):
    typed = {
        "email": "Keiri@Yamada.example",
        "role": "member",
        "rights": ["billing"],
        "reach": "some",
        "contracts": [contract.pk],
    }
    page = as_yamada.post(INVITE, typed, follow=True).content.decode()
    invitation = yamada.invitations.get()
    assert (invitation.email, invitation.rights) == ("keiri@yamada.example", [Right.BILLING])
    assert list(invitation.contracts.all()) == [contract]
    assert "承諾待ちの招待" in page
    assert contract.number in page


def test_what_is_wrong_with_an_invitation_stands_at_its_field(as_yamada, yamada, contract):
    typed = {"email": scenes.owner_of(yamada).email, "role": "member", "reach": "some"}
    form = as_yamada.post(INVITE, typed).context["form"]
    assert set(form.errors) == {"contracts"}
    person("colleague@yamada.example")
    join(yamada, READER)
    form = as_yamada.post(INVITE, {"email": "colleague@yamada.example", "role": "owner", "reach": "all"})
    assert form.context["form"].errors == {"email": ["このメールアドレスの方はすでにメンバーです。"]}
    assert not Invitation.objects.exists()


def test_a_visitor_signs_in_by_the_link_and_accepts(invited, client, make_user):
    colleague = make_user(EMAIL, display_name="新田 一")
    link = link_to(EMAIL)
    page = client.get(link).content.decode()
    assert "山田商事株式会社" in page
    (sign_in,) = re.findall(r'href="(/accounts/login/\?next=[^"]+)"', page)
    reply = client.post(sign_in, {"login": EMAIL, "password": PASSWORD})
    assert reply.url == link
    accepting = reverse("organisations:invitation-accept", args=[invited.pk])
    assert accepting in client.get(link).content.decode()
    assert client.post(accepting).url == reverse("home")
    assert colleague.memberships.get().rights == [Right.BILLING]
    assert client.get(reverse("billing:invoice-list")).status_code == 200


def test_the_invitation_survives_the_sign_up(invited, client, committing):
    cache.clear()
    (sign_up,) = re.findall(
        r'href="(/accounts/signup/\?next=[^"]+)"', client.get(link_to(EMAIL)).content.decode()
    )
    typed = {"email": EMAIL, "password1": PASSWORD, "password2": PASSWORD, "display_name": "新田 一"}
    form = client.get(sign_up)
    client.post(sign_up, {**typed, "next": form.context["redirect_field_value"]})
    code = opened(Mail.objects.filter(kind="code_or_link", address=EMAIL).latest("pk").secret)
    reply = client.post(reverse("account_email_verification_sent"), {"code": code})
    assert reply.url == link_to(EMAIL)
    # Whoever signs up elsewhere finds it where an organisation would be registered.
    page = page_of(client, "organisations:create")
    assert reverse("organisations:invitation-accept", args=[invited.pk]) in page
    client.post(reverse("organisations:invitation-accept", args=[invited.pk]))
    assert User.objects.get(email=EMAIL).memberships.get().organisation == invited.organisation


def test_who_has_another_address_reads_so_and_can_accept_nothing(invited, as_suzuki):
    page = as_suzuki.get(link_to(EMAIL)).content.decode()
    assert f"この招待は{EMAIL}宛てです" in page
    accepting = reverse("organisations:invitation-accept", args=[invited.pk])
    assert accepting not in page
    assert as_suzuki.post(accepting).status_code == 404
    assert Membership.objects.filter(organisation=invited.organisation).count() == 1


@pytest.mark.parametrize(("days", "says"), [(0, "招待を承諾する"), (7, "この招待は有効期限が切れています")])
def test_an_expired_link_says_so(invited, now, signed_in, make_user, days, says):
    client = signed_in(make_user(EMAIL))
    link = link_to(EMAIL)
    now.move_to(scenes.at(f"2026-11-{20 + days} 10:00"))
    assert says in client.get(link).content.decode()


def test_a_dead_link_says_which_one_counts(invited, as_yamada, client):
    old = link_to(EMAIL)
    as_yamada.post(reverse("organisations:invitation-again", args=[invited.pk]))
    reply = client.get(old)
    assert reply.status_code == 404
    assert "最新のメールのリンク" in reply.content.decode()
    assert "no-store" in client.get(link_to(EMAIL)).headers["Cache-Control"]


def test_an_owner_withdraws_an_invitation(invited, as_yamada, client):
    page = as_yamada.post(reverse("organisations:invitation-withdraw", args=[invited.pk]), follow=True)
    assert EMAIL not in page.content.decode().replace(f"{EMAIL}に", "")
    assert "この招待は取り消されました" in client.get(link_to(EMAIL)).content.decode()


def test_an_owner_changes_what_a_colleague_may_do(as_yamada, yamada, contract):
    member = join(yamada, READER)
    address = reverse("organisations:member", args=[member.pk])
    assert "checked" in as_yamada.get(address).content.decode()
    typed = {"role": "member", "rights": ["contracts"], "reach": "some", "contracts": [contract.pk]}
    page = as_yamada.post(address, typed, follow=True).content.decode()
    member.refresh_from_db()
    assert (member.rights, list(member.contracts.all())) == ([Right.CONTRACTS], [contract])
    assert "契約担当" in page


def test_the_last_owner_reads_why_the_role_stays(as_yamada, yamada):
    own = yamada.memberships.get()
    page = as_yamada.post(reverse("organisations:member", args=[own.pk]), {"role": "member"})
    assert "先に別の方を管理者にしてください" in page.content.decode()
    assert as_yamada.get(reverse("organisations:member-remove", args=[own.pk])).url == reverse(
        "organisations:member-leave"
    )
    page = as_yamada.post(reverse("organisations:member-leave"), follow=True)
    assert "先に別の方を管理者にしてください" in page.content.decode()
    assert yamada.memberships.get().is_owner


def test_an_owner_removes_a_colleague(as_yamada, yamada, signed_in):
    member = join(yamada, BOTH)
    colleague = signed_in(member.user)
    address = reverse("organisations:member-remove", args=[member.pk])
    assert "ログアウト" in as_yamada.get(address).content.decode()
    page = as_yamada.post(address, follow=True).content.decode()
    assert "メンバーから外しました" in page
    assert colleague.get(reverse("contracts:contract-list")).url.startswith(reverse("account_login"))


def test_the_ownership_is_handed_over_on_a_page(as_yamada, yamada):
    member = join(yamada, READER)
    page = as_yamada.post(reverse("organisations:member-hand-over", args=[member.pk]), follow=True)
    assert "を管理者にしました" in page.content.decode()
    assert INVITE not in page.content.decode()
    member.refresh_from_db()
    assert member.is_owner


def test_who_leaves_sees_nothing_any_more(yamada, contract, signed_in):
    client = signed_in(join(yamada, BOTH).user)
    assert client.post(reverse("organisations:member-leave")).url == reverse("home")
    assert client.get(reverse("contracts:contract-list")).url.startswith(reverse("organisations:create"))


def test_a_reader_sees_the_owners_and_no_other_members(yamada, signed_in):
    join(yamada, BOTH, "colleague2@yamada.example")
    page = page_of(signed_in(join(yamada, READER).user), "organisations:members")
    assert "hanako@yamada.example" in page
    assert "colleague2@yamada.example" not in page
    assert "閲覧のみ" in page
    assert INVITE not in page


def test_who_lacks_a_role_reads_whom_to_ask(yamada, contract, signed_in):
    client = signed_in(join(yamada, READER).user)
    reply = client.get(reverse("contracts:contract-request-new", args=[contract.number, "cancellation"]))
    assert reply.status_code == 403
    assert "契約担当" in reply.content.decode()
    assert "hanako@yamada.example" in reply.content.decode()


def links_to_acting(client: Client, contract: Contract) -> list[str]:
    """The addresses on the pages of a contract that lead to doing something."""
    pages = [
        page_of(client, "home"),
        page_of(client, "contracts:service-list"),
        page_of(client, "contracts:service-detail", contract.service.slug),
        page_of(client, "contracts:contract-list"),
        page_of(client, "contracts:contract-detail", contract.number),
        page_of(client, "contracts:contract-what-if", contract.number),
        page_of(client, "contracts:application-detail", contract.application.number),
    ]
    acting = r'href="([^"]*/(?:apply|requests/new/[a-z_]+|withdraw)/[^"]*)"'
    return [address for page in pages for address in re.findall(acting, page)]


def test_what_one_may_not_do_is_not_offered(yamada, contract, as_yamada, signed_in):
    assert links_to_acting(as_yamada, contract)
    assert links_to_acting(signed_in(join(yamada, READER).user), contract) == []
    assert links_to_acting(signed_in(join(yamada, BILLING, "b@yamada.example").user), contract) == []


def test_owners_see_what_members_did_and_when(yamada, contract, as_yamada):
    member = join(yamada, BOTH)
    scenes.submit_request(
        contract,
        member.user,
        "cancellation",
        scenes.CancellationData(wanted_on=scenes.day("2027-03-31")),
        scenes.at("2026-11-20"),
        scenes.uuid4(),
    )
    scenes.cancel(
        scenes.running(contract.service, {"line": 1}, scenes.suzuki()), None, scenes.at("2026-11-20")
    )
    told = as_yamada.get(reverse("organisations:member-activity")).context["told"]
    assert {one.who for one in told} == {"山田 花子", "colleague"}
    assert {one.entry.organisation for one in told} == {yamada}
    address = reverse("organisations:member-activity") + f"?person={member.user.pk}"
    page = as_yamada.get(address)
    assert [one.entry.action for one in page.context["told"]] == ["request.submitted"]
    assert contract.number in page.content.decode()
    assert as_yamada.get(reverse("organisations:member-activity") + "?person=①").status_code == 200


def test_what_the_provider_did_to_members_bears_no_name(yamada, as_yamada, as_reception):
    member = join(yamada, BOTH)
    as_reception.post(reverse("admin:organisations_organisation_remove_member", args=[yamada.pk, member.pk]))
    page = as_yamada.get(reverse("organisations:member-activity"))
    (entry,) = [one for one in page.context["told"] if one.entry.action == "member.removed"]
    assert entry.entry.actor.is_staff
    assert "reception@provider.example" not in page.content.decode()
    assert "提供者" in page.content.decode()


def test_the_activity_takes_as_many_queries_for_many_entries_as_for_few(
    yamada, contract, as_yamada, django_assert_max_num_queries
):
    address = reverse("organisations:member-activity")
    as_yamada.get(address)

    def queries() -> int:
        with django_assert_max_num_queries(60) as counted:
            as_yamada.get(address)
        return len(counted)

    def asked_by(email: str, month: str) -> None:
        member = join(yamada, BOTH, email)
        data = scenes.CancellationData(wanted_on=scenes.day(f"2027-{month}-28"))
        moment = scenes.at("2026-11-20")
        asked = scenes.submit_request(contract, member.user, "cancellation", data, moment, scenes.uuid4())
        withdraw_request(asked, member.user, moment)

    asked_by("first@yamada.example", "02")
    few = queries()
    for month in ("03", "04", "05"):
        asked_by(f"{month}@yamada.example", month)
    assert queries() == few


def test_staff_see_members_with_their_roles_and_take_one_out(yamada, contract, as_reception):
    member = join(yamada, limited(contract))
    page = page_of(as_reception, CHANGE, yamada.pk)
    address = reverse("admin:organisations_organisation_remove_member", args=[yamada.pk, member.pk])
    assert address in page
    assert contract.number in page
    assert "colleague@yamada.example" in as_reception.get(address).content.decode()
    as_reception.post(address)
    assert not Membership.objects.filter(pk=member.pk).exists()
    assert AuditEntry.objects.get(action="member.removed").actor.email == "reception@provider.example"


def test_staff_do_not_take_the_last_owner_out_and_read_why(yamada, as_reception):
    address = reverse(
        "admin:organisations_organisation_remove_member", args=[yamada.pk, yamada.memberships.get().pk]
    )
    page = as_reception.post(address, follow=True).content.decode()
    assert "先に別の方を管理者にしてください" in page
    assert yamada.memberships.get().is_owner


def test_who_may_not_change_organisations_takes_nobody_out(yamada, staff, signed_in):
    member = join(yamada, BOTH)
    address = reverse("admin:organisations_organisation_remove_member", args=[yamada.pk, member.pk])
    for role in (StaffRole.TERMS, StaffRole.BILLING):
        assert signed_in(staff(role)).post(address).status_code == 403
    page = page_of(signed_in(User.objects.get(email="billing@provider.example")), CHANGE, yamada.pk)
    assert str(member) in page
    assert address not in page
    other = reverse("admin:organisations_organisation_remove_member", args=[scenes.suzuki().pk, member.pk])
    assert signed_in(staff(StaffRole.MANAGER)).post(other).status_code == 404
    assert Membership.objects.filter(pk=member.pk).exists()


def test_a_member_added_by_staff_stands_in_the_trail(yamada, as_reception, user):
    typed = {
        name: getattr(yamada, name)
        for name in ("name", "kana", "corporate_number", "postal_code", "address", "phone", "invoice_email")
    }
    typed |= {"memberships-TOTAL_FORMS": 2, "memberships-INITIAL_FORMS": 1}
    typed |= {"memberships-0-id": yamada.memberships.get().pk, "memberships-0-organisation": yamada.pk}
    typed |= {
        "memberships-1-user": user.pk,
        "memberships-1-role": "member",
        "memberships-1-organisation": yamada.pk,
    }
    typed |= {"memberships-1-handles_billing": "on", "memberships-0-role": "member"}
    reply = as_reception.post(reverse(CHANGE, args=[yamada.pk]), typed)
    assert reply.status_code == 302
    assert user.memberships.get().rights == [Right.BILLING]
    assert AuditEntry.objects.get(action="member.added").data["rights"] == ["billing"]
    assert scenes.owner_of(yamada).memberships.get().is_owner


def test_the_invitation_goes_out_in_japanese(as_yamada, yamada, committing):
    as_yamada.post(INVITE, {"email": EMAIL, "role": "owner"})
    (invitation,) = [one for one in mail.outbox if EMAIL in one.to]
    assert "メンバーとしてお客様を招待しています" in invitation.body
    assert "/organisations/invitations/" in invitation.body


def test_of_an_organisation_without_a_member_nobody_sees_the_members_page(as_reception, client):
    assert as_reception.get(LIST).url == reverse("admin:index")
    assert client.get(LIST).url.startswith(reverse("account_login"))
