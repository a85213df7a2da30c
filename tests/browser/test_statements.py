"""A customer asks for a statement of account and waits for it, with scripts and without, on any screen."""

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from billing.tasks import look_for_work
from portal.organisations.roles import StaffRole
from tests.browser.accessibility import barriers
from tests.browser.scene import set_scene
from tests.browser.windows import DESKTOP, PHONE

WAITS = "取引明細書を作成しています"
READY = "取引明細書ができました"


@pytest.fixture
def as_customer(catalog, windows, address, signed_in, user, organisation, make_staff, monkeypatch):
    """Opens windows of a customer that was billed; the only worker is the test."""
    set_scene(user, organisation, make_staff("uketsuke@provider.example", StaffRole.RECEPTION))
    monkeypatch.setattr("billing.views.receivables.draw_soon", lambda asked: None)
    session = signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value

    def open_window(size, *, scripts: bool = True):
        page = windows.open(size, scripts=scripts)
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])
        return page

    return open_window


@pytest.mark.parametrize(("size", "scripts"), [(DESKTOP, True), (PHONE, True), (PHONE, False)])
def test_the_page_of_a_statement_shows_by_itself_that_it_is_ready(as_customer, size, scripts):
    page = as_customer(size, scripts=scripts)
    page.goto(reverse("billing:invoice-list"))
    page.get_by_role("link", name="取引明細書").click()
    page.get_by_role("button", name="作成する").click()
    expect(page.get_by_text(WAITS)).to_be_visible()
    if scripts:
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    look_for_work()
    expect(page.get_by_text(READY)).to_be_visible()
    if scripts:
        assert barriers(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="ダウンロード").click()
    assert download.value.suggested_filename.startswith("statement-CD-")
