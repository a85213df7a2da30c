"""Which of all addresses are pages that somebody looks at, and whose."""

from typing import Any

from contracts.lifecycle.calendar_address import calendar_address
from portal.organisations.operations import open_calendar
from tests.matrix.addresses import Address

_CUSTOMERS = (
    "contracts:",
    "billing:",
    "organisations:",
    "data_protection:",
    "account",
    "company",
    "home",
    "mfa",
)
_OF_STAFF = ("contracts:calendar-provider", "billing:statement-of")
_NO_PAGES = ("export", "download", "delete", "template", "pdf", "logout", "switch", "jsi18n", "autocomplete")


def is_customers(address: Address) -> bool:
    """Whether customers look at it, and not the provider's staff."""
    return address.name.startswith(_CUSTOMERS) and not address.name.startswith(_OF_STAFF)


def is_looked_at(address: Address) -> bool:
    """Whether it may show a page: no file, and no step that ends something."""
    return address.named and not any(word in address.name for word in _NO_PAGES)


def calendar_feed(owner: Any) -> str:
    """The path under which a calendar program reads the dates of somebody's organisation, a new one."""
    address = calendar_address(open_calendar(owner.memberships.get()))
    return "/" + address.partition("://")[2].partition("/")[2]
