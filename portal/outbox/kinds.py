"""Kinds of e-mails. The apps above register theirs, once, in their `AppConfig.ready`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from portal.outbox.attachments import KeptFile
from portal.outbox.models import Mail


@dataclass(frozen=True)
class Written:
    """What an e-mail says: its subject, its text, and the stored files that go with it.

    `data` takes the place of the e-mail's own.
    """

    subject: str
    text: str
    attachments: tuple[KeptFile, ...] = ()
    data: dict[str, Any] | None = None


@dataclass(frozen=True)
class Addressee:
    """To whom a letter goes: the name, and the lines of the address below the postal code."""

    name: str
    postal_code: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Foreseen:
    """What an e-mail would say, with the letters that would be issued as it goes out."""

    subject: str
    text: str
    letters: tuple[Any, ...] = ()


class NotYetError(Exception):
    """An e-mail can't be written so that it is true when it goes out; it can from `until` on."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"not before {until}")
        self.until = until


def as_composed(mail: Mail, at: datetime) -> Written:
    """What was written when the e-mail was put into the outbox."""
    return Written(mail.subject, mail.text)


def _what_it_says(mail: Mail, at: datetime) -> Foreseen:
    return Foreseen(mail.subject, mail.text)


def _own_address(mail: Mail) -> Addressee | None:
    """That of the organisation itself, where one is told."""
    told = mail.organisation
    return Addressee(told.name, told.postal_code, (told.address,)) if told else None


def _nothing(mail: Mail, at: datetime) -> None:
    pass


def _nothing_for(mail: Mail, at: datetime, why: str) -> None:
    pass


def _the_same_address(mail: Mail) -> str:
    return mail.address


def _never(mail: Mail) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What e-mails of a kind have in common.

    Who may see the objects of `model` (as in `contracts.contract`) sees its e-mails, or those that `seen`
    gives; who may change them, or has the `right_to_settle`, settles these. `write` gives what one says that
    goes out at a moment, drawing its files; it may raise NotYetError. `taken` is called in the transaction
    that stores that the server took it, `failed` in that which stores that it was refused or came back, with
    the reason: both store what follows, and may be called for several e-mails about the same. `address` says
    where it goes when staff send it again. What `is_over` is no longer so, and does not go out any more.
    `check_moment` raises ValidationError (`at`) where staff can't say of an interrupted one that it went out
    at a moment. `addressee` says to whom one goes by post, without an e-mail address. `foresee` says
    what one would say were it written at a moment, and draws no file.
    """

    key: str
    label: Any
    model: str
    write: Callable[[Mail, datetime], Written] = as_composed
    taken: Callable[[Mail, datetime], None] = _nothing
    failed: Callable[[Mail, datetime, str], None] = _nothing_for
    address: Callable[[Mail], str] = _the_same_address
    is_over: Callable[[Mail], bool] = _never
    check_moment: Callable[[Mail, datetime], None] = _nothing
    addressee: Callable[[Mail], Addressee | None] = _own_address
    foresee: Callable[[Mail, datetime], Foreseen] = _what_it_says
    seen: Callable[[Any], Q] | None = None
    right_to_settle: str = ""

    def is_settled_by(self, user: Any) -> bool:
        """Whether somebody may settle e-mails of the kind that they see."""
        return bool(user.has_perm(self.right_to_settle or self._right("change")))

    def is_seen_by(self, user: Any) -> bool:
        """Whether somebody may see e-mails of the kind."""
        return bool(user.has_perm(self._right("view")))

    def _right(self, what: str) -> str:
        app, model = self.model.split(".")
        return f"{app}.{what}_{model}"


_registered: dict[str, Kind] = {}


def register(kinds: Iterable[Kind]) -> None:
    """Let e-mails of these kinds be sent, from now on."""
    _registered.update({kind.key: kind for kind in kinds})


def kind_of(key: str) -> Kind:
    """The kind of a key. Raises KeyError."""
    return _registered[key]


def kinds_about(app: str) -> list[str]:
    """The keys of the kinds about things of an app, such as `contracts`."""
    return [kind.key for kind in all_kinds() if kind.model.startswith(f"{app}.")]


def kinds_seen_by(user: Any) -> list[Kind]:
    """The kinds of e-mails that somebody sees: whose objects they may see."""
    return [kind for kind in all_kinds() if kind.is_seen_by(user)]


def mails_seen_by(user: Any) -> Q:
    """Which e-mails somebody sees."""
    kinds = kinds_seen_by(user)
    found = Q(kind__in=[kind.key for kind in kinds if kind.seen is None])
    return reduce(or_, (Q(kind=kind.key) & kind.seen(user) for kind in kinds if kind.seen), found)


def all_kinds() -> tuple[Kind, ...]:
    return tuple(_registered.values())
