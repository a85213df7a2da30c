"""Every main page, for everybody: with a keyboard, on a phone, in English, with assistive technology."""

import re
from functools import partial

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.organisations.roles import StaffRole
from tests.browser.accessibility import barriers
from tests.browser.scene import Scene, set_scene
from tests.browser.windows import DESKTOP, PHONE, Windows
from tests.browser.words import ja
from tests.conftest import PASSWORD

JAPANESE = re.compile("[぀-ヿ一-鿿]")
ENGLISH = re.compile("[a-z]{3}")
# What a Japanese reader knows under no other name.
NAMES = re.compile(r"\bExcel\b|\bShift_JIS\b")
# What the portal itself says; texts of the terms, and names, stay as they are.
OWN_WORDS = (
    "nav a, th[scope=col], dt, legend, label, button, summary:not(.menu__toggle), .btn, "
    ".panel__header h2, .section__title"
)


@pytest.fixture
def scene(catalog, user, organisation, make_staff) -> Scene:
    return set_scene(user, organisation, make_staff("uketsuke@provider.example", StaffRole.RECEPTION))


@pytest.fixture
def open_signed_in(window_of, user):
    """A window in which the customer is signed in already."""
    return partial(window_of, user)


@pytest.fixture
def each_page(scene: Scene, windows: Windows, open_signed_in):
    """Go through all main pages, first as a visitor and then as the customer; gives name and window."""

    def pages(size: dict[str, int], prepare=lambda page: None):
        for page, addresses in (
            (windows.open(size), scene.public_pages),
            (open_signed_in(size), scene.own_pages),
        ):
            prepare(page)
            for name, path in addresses.items():
                page.goto(path)
                expect(page.get_by_role("heading", level=1)).to_be_visible()
                yield name, page

    return pages


def test_nothing_bars_people_who_use_assistive_technology(each_page):
    found = {name: barriers(page) for name, page in each_page(DESKTOP)}
    assert not {name: problems for name, problems in found.items() if problems}


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nobody_scrolls_sideways(size, each_page):
    width = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    widths = {name: page.evaluate(width) for name, page in each_page(size)}
    assert {name: wide for name, (wide, screen) in widths.items() if wide > screen} == {}


def test_the_menu_of_a_phone_leads_to_the_contracts(scene, open_signed_in):
    page = open_signed_in(PHONE)
    page.goto(reverse("home"))
    page.locator(".menu--phone > summary").click()
    page.locator(".menu--phone").get_by_role("link", name=re.compile("^" + ja("Contracts"))).click()
    expect(page).to_have_url(re.compile(re.escape(reverse("contracts:contract-list")) + "$"))


def test_nothing_is_left_in_english(each_page):
    left = {}
    for name, page in each_page(DESKTOP):
        texts = page.locator(OWN_WORDS).and_(page.locator(":not([lang=en], [lang=en] *)")).all_inner_texts()
        left[name] = [
            text for text in texts if ENGLISH.search(NAMES.sub("", text)) and not JAPANESE.search(text)
        ]
    assert {name: texts for name, texts in left.items() if texts} == {}


def test_english_is_a_button_away(each_page):
    def choose_english(page: Page) -> None:
        page.goto(reverse("home"))
        page.get_by_role("button", name="English").first.click()
        expect(page.get_by_role("button", name="日本語").first).to_be_visible()

    left = {}
    for name, page in each_page(DESKTOP, choose_english):
        assert page.locator("html").get_attribute("lang") == "en"
        texts = page.locator(OWN_WORDS).and_(page.locator(":not([lang=ja], [lang=ja] *)")).all_inner_texts()
        left[name] = [text for text in texts if JAPANESE.search(text)]
    assert {name: texts for name, texts in left.items() if texts} == {}


def test_keyboard_alone_skips_the_navigation_and_signs_in(user, page: Page):
    page.goto(reverse("account_login"))
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name=ja("Skip to the main content"))
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator('[name="login"]')).to_be_focused()
    page.keyboard.type(user.email)
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").get_by_role("link", name=ja("Forgot your password?"))).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(ja("Register your organisation"))
