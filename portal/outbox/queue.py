"""Putting e-mails into the outbox, inside the transaction of the operation that they tell of."""

from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.outbox.kinds import kind_of
from portal.outbox.models import Mail
from portal.outbox.secrets import sealed
from portal.outbox.tasks import send_soon


@dataclass(frozen=True)
class Sender:
    """In whose name e-mails go out, and where answers to them go.

    They come from the portal's own address unless another one is given.
    """

    name: str
    reply_to: str
    address: str = ""


def enqueue(
    kind: str, about: int, to: str, sender: Sender, *, key: str = "", secret: str = "", **stated: Any
) -> Mail:
    """Put an e-mail into the outbox; it goes out soon after the transaction.

    About the same to the same address, or under the same `key`, there is one alone: that is given as it is.
    `stated` are further fields of the e-mail, such as subject and text where they are written now. Raises
    KeyError for an unknown kind, and TransactionManagementError outside a transaction.
    """
    _ensure_transaction()
    mail = unsaved(kind, about, to, sender, key=key, **{"due_at": timezone.now(), **stated})
    mail.secret = sealed(secret) if secret else ""
    found = Mail.objects.filter(key=mail.key).first()
    if found is None:
        fields = {field.attname: getattr(mail, field.attname) for field in Mail._meta.concrete_fields}
        del fields["id"]
        found, _created = Mail.objects.get_or_create(key=fields.pop("key"), defaults=fields)
    send_soon()
    return found


def enqueue_all(mails: Iterable[Mail]) -> None:
    """Put many e-mails into the outbox, as `unsaved` gives them.

    Those without `due_at` wait until they are handed over by name. Raises TransactionManagementError outside
    a transaction.
    """
    _ensure_transaction()
    Mail.objects.bulk_create(mails, batch_size=500)
    send_soon()


def unsaved(kind: str, about: int, to: str, sender: Sender, *, key: str = "", **stated: Any) -> Mail:
    """An e-mail that is not stored yet. Raises KeyError for an unknown kind."""
    return Mail(
        kind=kind_of(kind).key,
        about=about,
        key=key or f"{kind}:{about}:{to}",
        address=to,
        sender_name=sender.name,
        sender_address=sender.address or parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        reply_to=sender.reply_to,
        **stated,
    )


def drop(mails: QuerySet[Mail]) -> int:
    """Let e-mails that the server has not taken never go out again, as what they say is no longer so.

    Gives how many (`let_be` says what becomes of each). Runs inside the caller's transaction.
    """
    # Who stores that one was taken holds its row, and may wait for what the caller holds.
    open_ones = mails.filter(taken_at__isnull=True, closed_at__isnull=True)
    free = open_ones.select_for_update(skip_locked=True).values_list("pk", flat=True)
    return Mail.objects.filter(pk__in=list(free)).let_be(timezone.now())


def _ensure_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "An e-mail needs the transaction of the operation it tells of."
        )
