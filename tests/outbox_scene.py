"""E-mails of a kind that only tests know, and a mail server for them."""

from datetime import datetime
from typing import Any

from django.db import transaction

from portal.outbox import kinds
from portal.outbox.kinds import Kind, Written
from portal.outbox.models import Mail
from portal.outbox.queue import Sender, enqueue

SENDER = Sender("みなとクラウド", "desk@provider.example")


def write(mail: Mail, at: datetime) -> Written:
    return Written(f"お知らせ {mail.number}", mail.text or "本文です。")


def note(**hooks: Any) -> Kind:
    return Kind(**{"key": "note", "label": "Notes", "model": "contracts.contract", "write": write, **hooks})


def know(kind: Kind) -> None:
    """Let a process send e-mails of a kind."""
    kinds.register([kind])


@transaction.atomic
def put(to: str = "hanako@yamada.example", about: int = 1, **stated: Any) -> Mail:
    """An e-mail in the outbox."""
    return enqueue("note", about, to, SENDER, **{"number": f"N-{about}", **stated})
