"""What becomes of an e-mail, step by step. Workers call these, and so may whoever knows what became of it."""

from contextlib import nullcontext
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.installation.holding import going_out
from portal.installation.processes import this_process
from portal.outbox.kinds import Written, kind_of
from portal.outbox.models import Mail, MailQuerySet

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10))
"""How long an e-mail waits after its first try, its second …; from then on as after the last.

One that somebody waits for is always tried again after the first.
"""

PATIENCE = timedelta(days=3)
"""How long a server that is there may ask to come again later, before that counts as a refusal."""

UNWRITTEN = timedelta(minutes=10)
"""How long it is tried to write one that can't be written, before it is left to staff."""

BELIEVED = timedelta(days=7)
"""So long after the server took an e-mail a report of a bounce is believed; servers try for five days."""

LONGEST = timedelta(seconds=20 * settings.EMAIL_TIMEOUT)
"""How long handing one over can take at most: a server may be silent so long before each of its answers."""


_DROPPED_IN_DOUBT = Q(closed_at__isnull=False, doubted_at__isnull=False)


def claim(mail: Mail, written: Written, at: datetime) -> bool:
    """Take an e-mail for this process, with what it says now; false where another was first, or it expired.

    Raises HeldBackError, but for one that expires: people sign in while the installation is held back.
    """
    stored = {
        "subject": written.subject,
        "text": written.text,
        "attachments": [file.to_json() for file in written.attachments],
        "data": mail.data if written.data is None else written.data,
        "claimed_at": at,
        "claimed_by": this_process(),
    }
    with nullcontext() if mail.expires_at else going_out():
        free = Mail.objects.waiting().filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at), pk=mail.pk)
        if not free.update(**stored, tries=F("tries") + 1):
            return False
    for name, value in stored.items():
        setattr(mail, name, value)
    mail.tries += 1
    return True


@transaction.atomic
def taken(mail: Mail, at: datetime) -> bool:
    """Store that the mail server took an e-mail at a moment, and what follows from that.

    False where that is known already: a moment that was stored stays.
    """
    known = {"taken_at": at, "interrupted_at": None, "refused_at": None, "trouble": ""}
    not_taken = Mail.objects.filter(pk=mail.pk, taken_at__isnull=True)
    if not not_taken.update(**known, claimed_at=Coalesce("claimed_at", Value(at))):
        return False
    mail.claimed_at, mail.taken_at = mail.claimed_at or at, at
    if mail.expires_at:
        Mail.objects.filter(pk=mail.pk).erase_spent(at)
    kind_of(mail.kind).taken(mail, at)
    return True


def deliver(mail: Mail, at: datetime) -> None:
    """Write an e-mail, and store that the server took it at that moment, without giving it to any."""
    if claim(mail, kind_of(mail.kind).write(mail, at), at):
        taken(mail, at)


@transaction.atomic
def refused(mail: Mail, at: datetime, why: str) -> None:
    """Store that the mail server will not take an e-mail, with its words, and what follows from that."""
    if Mail.objects.filter(pk=mail.pk, taken_at__isnull=True).update(refused_at=at, trouble=why[:500]):
        Mail.objects.filter(_DROPPED_IN_DOUBT, pk=mail.pk).in_doubt_again(at)
        kind_of(mail.kind).failed(mail, at, why)


@transaction.atomic
def bounced(mail: Mail, at: datetime, why: str) -> bool:
    """Store that an e-mail came back, and what follows from that.

    False where that is known already, and for one that waits or is being sent.
    """
    if not _marked(mail, at, why):
        return False
    kind_of(mail.kind).failed(mail, at, why)
    return True


@transaction.atomic
def reported_back(mail: Mail, at: datetime, why: str) -> bool:
    """Store that somebody reported that an e-mail came back, for staff to look at; false as `bounced` is.

    Whoever received the e-mail can write such a report. So it counts as `bounced` only soon after the server
    took the e-mail, and of the last one that it took.
    """
    taken_at = Mail.objects.values_list("taken_at", flat=True).get(pk=mail.pk)
    if taken_at and at - taken_at <= BELIEVED and _is_last_taken(mail):
        return bounced(mail, at, why)
    return _marked(mail, at, why)


def _marked(mail: Mail, at: datetime, why: str) -> bool:
    sending = Mail.objects.in_state(Mail.State.SENDING).values("pk")
    out = Mail.objects.filter(pk=mail.pk, bounced_at__isnull=True, claimed_at__isnull=False)
    marked = out.exclude(pk__in=sending).update(bounced_at=at, bounce_note=why[:500], closed_at=None)
    return bool(marked)


def _is_last_taken(mail: Mail) -> bool:
    first = mail.again_of_id or mail.pk
    of_the_same = Mail.objects.filter(Q(pk=first) | Q(again_of=first), taken_at__isnull=False)
    last = of_the_same.order_by("-taken_at", "-pk").first()
    return last is not None and last.pk == mail.pk


def put_off(mail: Mail, at: datetime, why: str) -> None:
    """Let an e-mail that this process claimed, and that did not go out, wait for its next try.

    One that was dropped meanwhile has none: it is interrupted as it was before, where an earlier try may have
    brought it out.
    """
    pause = PAUSES[0] if mail.expires_at else PAUSES[min(mail.tries, len(PAUSES)) - 1]
    waits = {"claimed_at": None, "claimed_by": "", "due_at": at + pause, "trouble": why[:500]}
    if not _mine(mail).exclude(_DROPPED_IN_DOUBT).update(**waits):
        _mine(mail).filter(_DROPPED_IN_DOUBT).in_doubt_again(at, trouble=why[:500])


def asked_later(mail: Mail, at: datetime, why: str) -> None:
    """The same for one that the server wants later; it has refused one that it wants later for long."""
    if mail.failing_since and at - mail.failing_since > PATIENCE:
        refused(mail, at, why)
    else:
        Mail.objects.filter(pk=mail.pk).update(failing_since=mail.failing_since or at)
        put_off(mail, at, why)


def not_written(mail: Mail, at: datetime, why: str) -> None:
    """Let an e-mail that can't be written wait for its next try; after a while it is left to staff."""
    if mail.failing_since and at - mail.failing_since >= UNWRITTEN:
        give_up(mail, at, why)
    else:
        Mail.objects.filter(pk=mail.pk).update(failing_since=mail.failing_since or at)
        put_off_unclaimed(Mail.objects.filter(pk=mail.pk), at, why)


def put_off_unclaimed(mails: QuerySet[Mail], at: datetime, why: str) -> None:
    """Let e-mails that nobody could begin to hand over wait for their next try."""
    waiting = mails.filter(claimed_at__isnull=True, closed_at__isnull=True)
    after = {"tries": F("tries") + 1, "trouble": why[:500]}
    waiting.filter(expires_at__isnull=False).update(due_at=at + PAUSES[0], **after)
    for tries in reversed(range(len(PAUSES))):
        so_often = {"tries": tries} if tries < len(PAUSES) - 1 else {"tries__gte": tries}
        waiting.filter(**so_often, expires_at__isnull=True).update(due_at=at + PAUSES[tries], **after)


def doubt(mail: Mail, at: datetime, why: str) -> None:
    """Store that nobody can know whether an e-mail went out; staff look at it, dropped meanwhile or not."""
    _mine(mail).update(interrupted_at=at, closed_at=None, trouble=why[:500])


@transaction.atomic
def give_up(mail: Mail, at: datetime, why: str) -> None:
    """Leave an e-mail to staff that nobody could begin to hand over, and store what follows from that."""
    waiting = Mail.objects.waiting().filter(pk=mail.pk)
    if waiting.update(claimed_at=at, refused_at=at, tries=F("tries") + 1, trouble=why[:500]):
        kind_of(mail.kind).failed(mail, at, why)


def doubt_what_was_lost() -> int:
    """Let those be interrupted whose process has been silent for longer than any takes; gives how many."""
    now = timezone.now()
    begun = Mail.objects.in_state(Mail.State.SENDING).filter(claimed_at__lt=now - LONGEST)
    return begun.update(interrupted_at=now, closed_at=None)


def _mine(mail: Mail) -> MailQuerySet:
    """The row of an e-mail while it is as this process claimed it."""
    return Mail.objects.in_state(Mail.State.SENDING).filter(pk=mail.pk, claimed_at=mail.claimed_at)
