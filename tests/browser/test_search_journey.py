"""Somebody of the staff finds a customer and what belongs to it, by keyboard, and without scripts too."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from tests.browser.accessibility import barriers
from tests.browser.windows import DESKTOP, PHONE

pytestmark = pytest.mark.thorough


@pytest.fixture
def clerk(make_staff) -> User:
    return make_staff("uketsuke@provider.example", StaffRole.RECEPTION, display_name="受付 太郎")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_found_by_keyboard(window_of, organisation, clerk, size):
    page = window_of(clerk, size)
    page.goto(reverse("work-queue"))
    page.keyboard.press("Control+k")
    page.keyboard.type("みなと")
    found = page.get_by_role("option").filter(has_text=organisation.name)
    expect(found).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(found).to_have_attribute("aria-selected", "true")
    assert barriers(page) == []
    page.keyboard.press("Escape")
    expect(found).to_be_hidden()
    page.keyboard.press("ArrowDown")
    expect(found).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('admin:organisations_organisation_change', args=[organisation.pk])}")


def test_found_without_scripts(window_of, organisation, clerk):
    page = window_of(clerk, scripts=False)
    page.goto(reverse("work-queue"))
    box = page.locator("#staff-search-box")
    box.fill("みなと")
    box.press("Enter")
    page.locator("#content").get_by_role("link", name=organisation.name).first.click()
    page.wait_for_url(f"**{reverse('admin:organisations_organisation_change', args=[organisation.pk])}")
