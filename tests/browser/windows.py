"""Browser windows that note everything a page complains about."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    ViewportSize,
    WebError,
    expect,
)

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}

PATIENCE = 120_000
"""Milliseconds until something is taken for missing. What is waited for is seen as soon as it is there."""


class Windows:
    """The windows of one test: each person has one of their own, with cookies of their own."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self._address = address
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def open(self, size: ViewportSize = DESKTOP, *, scripts: bool = True) -> Page:
        """A new window of a visitor nobody knows yet; it may have scripts turned off."""
        context = self._browser.new_context(
            base_url=self._address,
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            viewport=size,
            java_script_enabled=scripts,
        )
        context.set_default_timeout(PATIENCE)
        context.on("console", self._note_message)
        context.on("weberror", self._note_error)
        context.on("response", self._note_response)
        self._contexts.append(context)
        return context.new_page()

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def save(self, folder: Path) -> None:
        """Store what each window shows: picture, page and address."""
        folder.mkdir(parents=True, exist_ok=True)
        for number, page in enumerate(self._pages(), 1):
            page.screenshot(path=folder / f"{number}.png", full_page=True)
            text = f"<!-- {page.url} -->\n{page.content()}"
            (folder / f"{number}.html").write_text(text, encoding="utf-8")

    def _pages(self) -> Iterator[Page]:
        for context in self._contexts:
            yield from context.pages

    def _note_message(self, message: ConsoleMessage) -> None:
        """Scripts' errors and everything that the content policy refused come as messages of this type."""
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def _note_error(self, error: WebError) -> None:
        self.complaints.append(str(error.error))

    def _note_response(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's browser, without a window on the screen."""
    from playwright.sync_api import sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()
