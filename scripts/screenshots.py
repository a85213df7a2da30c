"""Take the pictures of docs/screenshots from a running demonstration.

Usage: make run, and meanwhile in another terminal: .venv/bin/python -m scripts.screenshots [ADDRESS]
Needs what scripts/bootstrap.sh installs for tests.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.urls import reverse  # noqa: E402 (needs the settings)
from playwright.sync_api import Browser, Page, ViewportSize  # noqa: E402

from portal.demo.logins import Login, stored_logins  # noqa: E402
from portal.organisations.roles import StaffRole  # noqa: E402
from tests.browser.windows import DESKTOP, PHONE, chromium  # noqa: E402

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"
TALL: ViewportSize = {"width": 1280, "height": 1200}
SERVICE, SERVICE_NAME = "ct-e1", "CT-e1"


class Camera:
    """Opens windows on the demonstration and stores what they show."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self._address = address

    def open(self, login: Login | None = None, size: ViewportSize = DESKTOP) -> Page:
        """A window, signed in as somebody where a login is given."""
        context = self._browser.new_context(
            base_url=self._address, locale="ja-JP", timezone_id="Asia/Tokyo", viewport=size
        )
        page = context.new_page()
        if login:
            page.goto(reverse("account_login"))
            page.locator('[name="login"]').fill(login.email)
            page.locator('[name="password"]').fill(login.password)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: reverse("account_login") not in url)
        if login and login.totp_key:
            page.locator('[name="code"]').fill(login.code)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: reverse("mfa_authenticate") not in url)
        return page

    @staticmethod
    def take(page: Page, name: str) -> None:
        page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
        sys.stdout.write(f"{name}.png\n")


def take_public_pages(camera: Camera) -> None:
    page = camera.open()
    page.goto(reverse("home"))
    camera.take(page, "front-page")
    page.goto(reverse("contracts:terms-history", args=[SERVICE]))
    page.get_by_role("main").get_by_role("table").get_by_role("link").last.click()
    camera.take(page, "terms")


def take_customers_pages(camera: Camera, customer: Login) -> None:
    page = camera.open(customer)
    page.goto(reverse("home"))
    camera.take(page, "home")
    contract = page.locator(".contract-card h3 a", has_text=SERVICE_NAME).get_attribute("href") or ""
    page.goto(reverse("contracts:application-step", args=[SERVICE, "products"]))
    camera.take(page, "application")
    page.goto(contract)
    page.set_viewport_size(TALL)
    for panel in ("contract", "deadlines"):
        page.locator(f'[aria-labelledby="{panel}"] details.decision summary').first.click()
    page.get_by_role("heading", level=1).click()
    camera.take(page, "contract")
    page.set_viewport_size(DESKTOP)
    page.goto(reverse("billing:invoice-list"))
    row = page.get_by_role("row").filter(has_text=SERVICE_NAME).first
    row.get_by_role("rowheader").get_by_role("link").click()
    page.locator("details.decision summary").first.click()
    camera.take(page, "invoice")
    take_pdf(page)
    phone = camera.open(customer, PHONE)
    phone.goto(reverse("home"))
    camera.take(phone, "phone")


def take_pdf(page: Page) -> None:
    """The first page of the shown invoice's PDF."""
    address = page.url.rstrip("/") + "/pdf/"
    content = page.request.get(address).body()
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        picture = FOLDER / "invoice-pdf"
        subprocess.run(  # noqa: S603 (no value from outside)
            ["/usr/bin/pdftoppm", "-png", "-r", "90", "-f", "1", "-singlefile", file.name, str(picture)],
            check=True,
        )
    sys.stdout.write("invoice-pdf.png\n")


def take_staffs_pages(camera: Camera, staff: Login) -> None:
    page = camera.open(staff)
    page.goto(reverse("admin:index"))
    camera.take(page, "admin")
    page.goto(reverse("work-queue"))
    camera.take(page, "admin-queue")


def main(address: str) -> None:
    logins = stored_logins()
    if not logins:
        sys.exit("There is no demonstration here yet. Start it with `make run` first.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        camera = Camera(browser, address)
        take_public_pages(camera)
        take_customers_pages(camera, next(login for login in logins if login.role == "customer"))
        take_staffs_pages(camera, next(login for login in logins if login.role == StaffRole.MANAGER))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000")
