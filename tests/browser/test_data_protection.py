"""A person gets all that is held about them, and is erased; what the law keeps stays."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Page, expect

from contracts.models import Consent, Contract, Service
from portal.data_protection.erasing.report import number_of
from portal.data_protection.models import Erasure
from portal.organisations.models import Membership, Organisation, User
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.browser.people import fill, press, sign_in, sign_in_staff
from tests.browser.services import at
from tests.browser.windows import PHONE, Windows
from tests.browser.words import ja
from tests.conftest import PASSWORD

pytestmark = pytest.mark.thorough


@pytest.fixture
def contract(catalog, clock, organisation) -> Contract:
    """Runs since October; it is 24 November."""
    contract = scenes.running(Service.objects.get(slug="ct-e1"), {"line": 2, "seat": 5}, organisation)
    clock.move_to(at(2026, 11, 24))
    return contract


@pytest.fixture
def colleague(make_user, organisation: Organisation) -> User:
    """Becomes the other owner, so that the first one can go."""
    person = make_user("jiro@customer.example", display_name="山田 次郎")
    Membership.objects.create(user=person, organisation=organisation, role=Membership.Role.OWNER)
    return person


@pytest.fixture
def manager(make_staff) -> User:
    return make_staff("buchou@provider.example", StaffRole.MANAGER, display_name="部長 二郎")


@pytest.fixture
def second(make_staff) -> User:
    return make_staff("shacho@provider.example", StaffRole.MANAGER, display_name="社長 一郎")


def own_file(page: Page, folder: Path) -> ZipFile:
    """Have the own file made, and fetch it."""
    page.goto(reverse("data_protection:own-data"))
    press(page, "Have the file made")
    fill(page, {"password": PASSWORD})
    press(page, "Confirm")
    expect(page.get_by_text(ja("The file is ready."))).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name=ja("Download")).click()
    download.value.save_as(folder / "own.zip")
    return ZipFile(folder / "own.zip")


def test_a_person_gets_all_that_is_held_and_is_erased(
    contract, windows: Windows, user, colleague, manager, second, tmp_path
):
    hanako = windows.open(PHONE)
    sign_in(hanako, user.email)
    held = own_file(hanako, tmp_path)
    assert json.loads(held.read("data.json"))["tables"]["organisations.user"][0]["email"] == user.email
    held.extract("index.html", tmp_path)
    offline = windows.open()
    offline.goto((tmp_path / "index.html").as_uri())
    expect(offline.get_by_role("heading", name="保有データの一覧")).to_be_visible()

    buchou = windows.open()
    sign_in_staff(buchou, manager)
    buchou.goto(reverse("admin:data_protection_erasure_on_request"))
    fill(buchou, {"whom": user.email})
    press(buchou, "Go on")
    expect(buchou.get_by_role("heading", name=ja("What stays, and why"))).to_be_visible()
    fill(buchou, {"asked_on": "2026-11-20"})
    buchou.get_by_label("契約、申込み、依頼、同意、お知らせ、通知書").check()
    press(buchou, "Propose the erasure")
    expect(buchou.get_by_text("会社法432条2項").first).to_be_visible()
    assert not Erasure.objects.exists()
    buchou.get_by_label("契約、申込み、依頼、同意、お知らせ、通知書").uncheck()
    press(buchou, "Propose the erasure")
    expect(buchou.get_by_text(ja("It waits for the approval of a second person:"))).to_be_visible()

    shacho = windows.open()
    sign_in_staff(shacho, second)
    shacho.goto(reverse("admin:data_protection_erasure_changelist"))
    shacho.get_by_role("link", name=ja("what goes, by name")).click()
    shacho.get_by_text(ja("By name")).last.click()
    expect(shacho.get_by_text(f"{user} {user.email}")).to_be_visible()
    shacho.get_by_role("link", name=ja("To the decision")).click()
    press(shacho, "Approve and carry out")
    expect(shacho.get_by_text(ja("Approved"), exact=True)).to_be_visible()

    erasure = Erasure.objects.get()
    shacho.goto(reverse("admin:data_protection_erasure_change", args=[erasure.pk]))
    with shacho.expect_download() as report:
        shacho.get_by_role("link", name=f"{number_of(erasure)}.pdf").click()
    assert Path(report.value.path()).read_bytes().startswith(b"%PDF-")

    hanako.goto(reverse("home"))
    hanako.goto(reverse("account_login"))
    fill(hanako, {"login": "hanako@customer.example", "password": PASSWORD})
    press(hanako, "Sign in")
    expect(hanako.get_by_role("alert")).to_be_visible()
    assert str(User.objects.get(pk=user.pk)) == "（消去済み）"
    assert Consent.objects.get().is_intact
    call_command("verify_audit")
    call_command("verify_consents")
