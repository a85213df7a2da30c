"""A contract as it is, was or will be on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.models import AuthorisedUser, Contract, TermsVersion
from contracts.policies.rulebooks import governing_version
from contracts.wording.particulars import label_of
from contracts.wording.products import ProductLine, product_lines


@dataclass(frozen=True)
class AsOf:
    """What a contract states on a day, by the facts as they are known now.

    `name` is the customer's on that day, `particulars` are names and values in the order of the terms.
    """

    on: date
    state: Contract.State
    version: TermsVersion
    name: str
    items: Sequence[ProductLine]
    particulars: Sequence[tuple[Any, str]]
    authorised_users: Sequence[AuthorisedUser]


def as_of(contract: Contract, on: date) -> AsOf:
    """Needs `service`, `application`, `organisation` and `contracted_version` of the contract."""
    version = governing_version(contract, on)
    stated = contract.particulars_on(on)
    name = stated.pop("name", "") or contract.party_on(on).name
    return AsOf(
        on=on,
        state=contract.state_on(on),
        version=version,
        name=name,
        items=product_lines(version.policy, contract.items_on(on).items()),
        particulars=[(label_of(key), value) for key, value in stated.items()],
        authorised_users=list(contract.authorised_users.on(on)),
    )
