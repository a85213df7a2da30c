"""Checks by axe-core, a widely used catalogue of what keeps people from using a page."""

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).with_name("vendor") / "axe.min.js"
BARRIERS = {"serious", "critical"}


def barriers(page: Page) -> list[str]:
    """What axe calls serious or critical on the page shown, with the elements concerned."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {violation['help']} – {node['html'][:160]}"
        for violation in found["violations"]
        if violation["impact"] in BARRIERS
        for node in violation["nodes"]
    ]
