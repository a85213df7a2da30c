"""The portal as people meet it: served with collected files, in a browser, at a time that the test sets."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as portal_settings
from django.core.cache import cache
from django.core.management import call_command
from django.test import override_settings
from playwright.sync_api import Browser, Page, ViewportSize

from contracts.rules.calendar.period import JAPAN
from portal.catalog import CATALOG
from portal.loading import load_catalog
from portal.organisations.models import User
from portal.storage import storage_at
from tests.browser.server import serving
from tests.browser.windows import DESKTOP, Windows, chromium

SEEN = Path(portal_settings.VAR_DIR) / "browser-failures"

# Hashed names as in production; compressing takes half a minute and changes nothing for the browser.
STORAGES = {
    "default": storage_at(""),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
FIRST_DAY = datetime(2026, 9, 10, 10, 0, tzinfo=JAPAN)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    report = yield
    windows = getattr(item, "funcargs", {}).get("windows")
    if report.when == "call" and report.failed and windows:
        folder = SEEN / re.sub(r"[^\w-]+", "_", item.name)
        windows.save(folder)
        report.sections.append(("What the browser showed", str(folder)))
    return report


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all tests. Playwright's loop runs in this thread, which Django must not mind."""
    with pytest.MonkeyPatch.context() as environment, chromium() as browser:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield browser


@pytest.fixture(scope="package")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The portal with its static files as in production."""
    with override_settings(STATIC_ROOT=tmp_path_factory.mktemp("static"), STORAGES=STORAGES):
        call_command("collectstatic", interactive=False, verbosity=0, stdout=StringIO())
        with serving() as address:
            yield address


@pytest.fixture(autouse=True)
def settings_for_tests(settings, tmp_path) -> None:
    """As for other tests, but with the collected static files."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = STORAGES


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The server's time, which goes on from the first day until a test moves it."""
    with time_machine.travel(FIRST_DAY) as traveller:
        yield traveller


@pytest.fixture
def windows(clock, address: str, browser: Browser, transactional_db) -> Iterator[Windows]:
    """Opens windows; afterwards no page may have complained."""
    cache.clear()
    windows = Windows(browser, address)
    yield windows
    windows.close()
    assert not windows.complaints


@pytest.fixture
def window_of(windows: Windows, address: str, signed_in) -> Callable[..., Page]:
    """Open a window in which a person is signed in already, with the second factor if they have one."""

    def open_window(person: User, size: ViewportSize = DESKTOP, *, scripts: bool = True) -> Page:
        page = windows.open(size, scripts=scripts)
        session = signed_in(person).cookies[portal_settings.SESSION_COOKIE_NAME].value
        cookie = {"name": portal_settings.SESSION_COOKIE_NAME, "value": session, "url": address}
        page.context.add_cookies([cookie])
        return page

    return open_window


@pytest.fixture
def page(windows: Windows) -> Page:
    """A visitor's window."""
    return windows.open()


@pytest.fixture
def catalog(clock, transactional_db) -> None:
    """The five services, as they ship."""
    load_catalog(CATALOG, FIRST_DAY)
