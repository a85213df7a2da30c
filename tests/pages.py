"""Which of all addresses are pages that somebody looks at, and whose."""

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
