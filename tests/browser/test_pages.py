from playwright.sync_api import Page, expect


def test_home(catalog, page: Page):
    page.goto("/")
    expect(page.locator("h1")).to_be_visible()
