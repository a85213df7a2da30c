"""Links in e-mails begin with the portal's own address, whatever host the request named that led to them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings


def own_links(shown: Mapping[str, Any]) -> dict[str, Any]:
    """What a template shows, with its links (`…_url`) on the portal's address, and that as `portal_url`."""
    links = {name: _own(value) for name, value in shown.items() if name.endswith("_url") and value}
    return {**shown, **links, "portal_url": f"{settings.PORTAL_URL}/"}


def _own(link: str) -> str:
    return str(settings.PORTAL_URL) + urlsplit(link)._replace(scheme="", netloc="").geturl()
