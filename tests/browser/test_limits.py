"""Who was away for too long signs in again and goes on; who asks too often is told when to try again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.windows import DESKTOP, PHONE
from tests.conftest import PASSWORD

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_who_was_away_signs_in_and_is_back_at_the_page(
    clock, settings, windows, window_of, address, user, size
):
    settings.CUSTOMER_IDLE = timedelta(hours=12)
    page = window_of(user, size)
    page.goto(address + reverse("account_email"))
    clock.shift(timedelta(hours=13))
    page.reload()
    expect(page.get_by_text("安全のため、一定時間の経過によりログアウトしました")).to_be_visible()
    page.get_by_label("メールアドレス").fill(user.email)
    page.get_by_label("パスワード", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="ログイン", exact=True).click()
    page.wait_for_url(f"**{reverse('account_email')}")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_who_asks_too_often_reads_when_to_try_again(settings, windows, address, db, size):
    settings.REQUEST_LIMITS = {"entries": ("1/10m", "")}
    page = windows.open(size)
    page.goto(address + reverse("account_login"))
    for _again in range(2):
        page.get_by_label("メールアドレス").fill("nobody@customer.example")
        page.get_by_label("パスワード", exact=True).fill("not the password")
        page.get_by_role("button", name="ログイン", exact=True).click()
    expect(page.get_by_role("heading", name="操作の回数が上限に達しました")).to_be_visible()
    expect(page.get_by_text("以降に、もう一度お試しください")).to_be_visible()
    windows.complaints.clear()  # the browser names the refusal
