"""What a customer's question can be about: an app says for each of its things how one is found and shown."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from contracts.models import Contract, Provider
from portal.organisations.models import Membership


@dataclass(frozen=True)
class About:
    """A thing that a question is about: what it is called, whose it is, and where either side finds it.

    `provider` is whom the question goes to. `contract` is the one that it belongs to; None where there is
    none. `url` is the customer's page, `staff_url` that of the staff, empty where there is none.
    """

    label: str
    provider: Provider
    contract: Contract | None
    url: str
    staff_url: str


@dataclass(frozen=True)
class Subject:
    """A kind of thing that a question can be about; `key` names it in addresses and in what is stored.

    `every` are all of the things, `seen` those that a member of an organisation sees; `number` is the field
    that each is named by. `about` reads one of them.
    """

    key: str
    label: Any
    number: str
    every: Callable[[], QuerySet[Any]]
    seen: Callable[[Membership], QuerySet[Any]]
    about: Callable[[Any], About]
