"""The kinds of things that take a second person. Apps above describe theirs, and register them once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q
from django.utils.translation import override
from pydantic import BaseModel

from portal.approvals.models import Proposal
from portal.organisations.models import Organisation, User
from portal.staffing.reach import reach_of

W = TypeVar("W", bound=BaseModel)


class OvertakenError(Exception):
    """What a proposal is about is gone, or has been decided otherwise; the text says so to staff."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that changes, in the words of a page; `before` is empty for what there was not."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a proposal is about: an object with its name, the code of its provider, the customer concerned."""

    about: Model
    name: str
    provider: str
    organisation: Organisation | None = None


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[W]):
    """A kind of thing that takes a second person. `data` is what is wanted, typed.

    `right` is what somebody needs to propose it; `right_to_approve`, where that takes another right, gives
    it. `subject` and `lines` raise OvertakenError where there is nothing left to decide. `carry_out` calls
    the operation with the proposal as its approval, and gives the message; it raises ValidationError by the
    names of the form's fields. `ensure` raises ValidationError where somebody, with the right, may neither
    propose it nor decide on it. `spared` says why one person decides all the same: it is given what is
    wanted, the provider's amount for the kind (0: none), and who proposes. `has_amount` lets providers set
    one; `amount_of` is the key of the kind whose amount counts, where that is not its own. `form` is the
    address of the page where it is entered, `entered` what stood in its fields.
    """

    key: str
    label: Any
    data: type[W]
    right: str
    subject: Callable[[W], Subject]
    lines: Callable[[W], Iterable[Line]]
    carry_out: Callable[[W, Proposal, datetime], Any]
    form: Callable[[W], str]
    entered: Callable[[W], dict[str, Any]] = lambda wanted: wanted.model_dump()
    right_to_approve: Callable[[W], str] | None = None
    ensure: Callable[[W, User], None] = lambda wanted, staff: None
    spared: Callable[[W, int, User], Proposal.Without | None] = lambda wanted, amount, staff: None
    has_amount: bool = False
    amount_of: str = ""

    def read(self, proposal: Proposal) -> W:
        """What a proposal of the kind wants."""
        return self.data.model_validate_json(json.dumps(proposal.wanted))

    def approving_right(self, wanted: W) -> str:
        return self.right_to_approve(wanted) if self.right_to_approve else self.right


_registered: dict[str, Kind[Any]] = {}


def register(kinds: Iterable[Kind[Any]]) -> None:
    """Let what is of these kinds be proposed, from now on."""
    _registered.update({kind.key: kind for kind in kinds})


def kinds() -> tuple[Kind[Any], ...]:
    return tuple(_registered.values())


def sharing_amount(kind: Kind[Any]) -> tuple[Kind[Any], ...]:
    """The other kinds for which the amount of one counts, too."""
    return tuple(other for other in kinds() if other.amount_of == kind.key)


def kind_of(proposal: Proposal) -> Kind[Any]:
    return _registered[proposal.kind]


def visible_kinds(staff: User) -> list[str]:
    """The keys of the kinds about things that somebody may see."""
    return [kind.key for kind in kinds() if staff.has_perm(kind.right.replace(".change_", ".view_"))]


def visible_to(staff: User) -> Q:
    """Which proposals somebody may see: about what they may see, and what they proposed while they could.

    Of providers that they do not work for none, whoever proposed them.
    """
    return reach_of(staff, Proposal) & (Q(kind__in=visible_kinds(staff)) | Q(proposed_by=staff))


def stored_lines(kind: Kind[W], wanted: W) -> list[dict[str, str]]:
    """What changes by what is wanted, as things are now, in Japanese, as it is kept."""
    with override("ja"):
        return [asdict(line) for line in kind.lines(wanted)]


def digest_of(kind: Kind[W], wanted: W, lines: list[dict[str, str]]) -> str:
    """The SHA-256, in hexadecimal, of what somebody sees who approves: what is wanted, and what changes."""
    stated = json.dumps([kind.key, wanted.model_dump(mode="json"), lines], sort_keys=True)
    return hashlib.sha256(stated.encode()).hexdigest()
