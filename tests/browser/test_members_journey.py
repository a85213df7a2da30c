"""An owner invites a colleague, who accepts, works by their role, and is removed; on any screen."""

import re

import pytest
from django.conf import settings
from django.core import mail
from django.urls import reverse
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from contracts.models import Contract
from portal.organisations.members.inviting import invite
from portal.organisations.models import Organisation
from portal.organisations.roles import StaffRole
from tests.browser.accessibility import barriers
from tests.browser.people import fill, press
from tests.browser.scene import Scene, set_scene
from tests.browser.windows import DESKTOP, PHONE
from tests.browser.words import ja
from tests.conftest import PASSWORD
from tests.member_scene import BOTH, OWNER, READER, join, limited, link_to

pytestmark = pytest.mark.thorough

COLLEAGUE = "keiri@customer.example"


@pytest.fixture
def scene(catalog, user, organisation, make_staff) -> Scene:
    return set_scene(user, organisation, make_staff("uketsuke@provider.example", StaffRole.RECEPTION))


def link_in_the_last_mail() -> str:
    written = [message.body for message in mail.outbox if COLLEAGUE in message.to][-1]
    found = re.search(rf"^{re.escape(settings.PORTAL_URL)}(/organisations/invitations/\S+)$", written, re.M)
    assert found, written
    return found[1]


def accept_as_a_new_person(page: Page) -> None:
    page.goto(link_in_the_last_mail())
    page.get_by_role("main").get_by_role("link", name=ja("Create an account")).click()
    fill(
        page,
        {"email": COLLEAGUE, "display_name": "経理 次郎", "password1": PASSWORD, "password2": PASSWORD},
    )
    press(page, "Send the confirmation code")
    expect(page.get_by_role("heading", level=1)).to_have_text(ja("Confirm your e-mail address"))
    code = re.findall(r"^ +([0-9A-Z-]+)$", mail.outbox[-1].body, re.M)[0]
    fill(page, {"code": code})
    press(page, "Confirm")
    press(page, "Accept the invitation")


def test_a_colleague_is_invited_works_by_role_and_is_removed(scene: Scene, window_of, windows, user):
    owner = window_of(user)
    owner.goto(reverse("organisations:members"))
    owner.get_by_role("link", name=ja("Invite somebody")).click()
    fill(owner, {"email": COLLEAGUE})
    owner.get_by_label(ja("Billing (statements, set-offs, claims for outages)")).check()
    press(owner, "Send the invitation")
    expect(owner.get_by_role("main")).to_contain_text(COLLEAGUE)

    colleague = windows.open()
    accept_as_a_new_person(colleague)
    expect(colleague.get_by_role("main")).to_contain_text(scene.contract.number)
    colleague.goto(reverse("contracts:contract-detail", args=[scene.contract.number]))
    asking = reverse("contracts:contract-request-new", args=[scene.contract.number, "cancellation"])
    expect(colleague.locator(f'a[href="{asking}"]')).to_have_count(0)
    colleague.goto(reverse("billing:invoice-statement", args=[scene.invoice.provider.code]))
    expect(colleague.get_by_role("button", name="作成する")).to_be_visible()

    owner.goto(reverse("organisations:members"))
    owner.get_by_role("link", name="外す 経理 次郎").click()
    press(owner, "Remove from the members")
    expect(owner.get_by_role("main")).to_contain_text("経理 次郎さんをメンバーから外しました。")
    colleague.goto(reverse("contracts:contract-list"))
    expect(colleague.get_by_role("heading", level=1)).to_have_text(ja("Sign in"))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_of_members_fit_and_bar_nobody(
    scene: Scene, window_of, user, organisation, no_worker, size
):
    page = window_of(user, size)
    for name, path in pages_of_members(organisation, scene.contract).items():
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert barriers(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name


def pages_of_members(organisation: Organisation, contract: Contract) -> dict[str, str]:
    """The addresses of an owner's pages, with members of each kind and an open invitation."""
    owner = organisation.memberships.owners()[0].user
    member = join(organisation, limited(contract), "soumu@customer.example")
    join(organisation, READER, "eturan@customer.example")
    join(organisation, BOTH, "tantou@customer.example")
    join(organisation, OWNER, "buchou@customer.example")
    invitation = invite(organisation, owner, COLLEAGUE, limited(contract), now())
    return {
        "members": reverse("organisations:members"),
        "inviting": reverse("organisations:member-invite"),
        "a member": reverse("organisations:member", args=[member.pk]),
        "removing": reverse("organisations:member-remove", args=[member.pk]),
        "handing over": reverse("organisations:member-hand-over", args=[member.pk]),
        "leaving": reverse("organisations:member-leave"),
        "activity": reverse("organisations:member-activity"),
        "invitation": link_to(invitation.email),
    }
