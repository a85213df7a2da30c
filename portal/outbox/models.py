"""An e-mail on its way to one recipient: a row from the moment at which it is decided that it goes out."""

import secrets
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def new_message_id() -> str:
    """A name that no other e-mail has, at the portal's host.

    It is random: the number of a row may have been another's, before a backup was restored.
    """
    return f"{secrets.token_hex(16)}@{urlsplit(settings.PORTAL_URL).hostname}"


_BY_POST = Q(address="")
_UNCLAIMED = Q(claimed_at__isnull=True, closed_at__isnull=True)
_UNSETTLED = Q(taken_at__isnull=True, bounced_at__isnull=True)
_TO_LOOK_AT = Q(closed_at__isnull=True, expires_at__isnull=True) & (
    Q(bounced_at__isnull=False)
    | Q(interrupted_at__isnull=False, taken_at__isnull=True)
    | Q(refused_at__isnull=False, taken_at__isnull=True)
)
_SENDING = Q(claimed_at__isnull=False, interrupted_at__isnull=True, refused_at__isnull=True) & _UNSETTLED
_EXPIRED = Q(claimed_at__isnull=True, closed_at__gte=F("expires_at"))
_DROPPED = Q(claimed_at__isnull=True, closed_at__isnull=False) & (
    Q(expires_at__isnull=True) | Q(closed_at__lt=F("expires_at"))
)


_MAY_BE_OUT = Q(doubted_at__isnull=False)
_NOT_BEING_SENT = Q(claimed_at__isnull=True) | Q(refused_at__isnull=False)


class MailQuerySet(models.QuerySet["Mail"]):
    def waiting(self) -> Self:
        """Those that nobody has begun to hand over."""
        return self.filter(_UNCLAIMED)

    def to_mail(self) -> Self:
        """Those of them that go to an e-mail address."""
        return self.waiting().exclude(_BY_POST)

    def to_post(self) -> Self:
        """Those of them that go out by post, as who gets them has no e-mail address."""
        return self.waiting().filter(_BY_POST)

    def due(self) -> Self:
        """Those that wait for the next worker, the longest first."""
        return self.to_mail().filter(due_at__lte=timezone.now()).order_by("due_at", "pk")

    def urgent_due(self) -> Self:
        """Those of them that somebody waits for, and that have not expired."""
        return self.due().filter(expires_at__gt=timezone.now())

    def expire(self, at: datetime) -> int:
        """Let those never go out that nobody had begun to hand over when they expired; gives how many."""
        return self.waiting().filter(expires_at__lte=at).update(closed_at=at)

    def erase_spent(self, at: datetime) -> int:
        """Erase the secrets of those that expire and that nobody will hand over; gives of how many."""
        spent = self.filter(expires_at__isnull=False).exclude(secret="").exclude(_UNCLAIMED).exclude(_SENDING)
        return spent.update(secret="", secret_erased_at=at)

    def to_look_at(self) -> Self:
        """Those that were interrupted, refused or came back, and that staff have not settled."""
        return self.filter(_TO_LOOK_AT)

    def let_be(self, at: datetime) -> int:
        """Let these never go out again; gives how many.

        One that waits again, or was refused, after an interruption may have gone out then: it is interrupted
        again. One that is being sent does not wait again once that fails.
        """
        in_doubt = self.filter(_MAY_BE_OUT & _NOT_BEING_SENT)
        closed = self.exclude(_MAY_BE_OUT & _NOT_BEING_SENT).update(closed_at=at)
        return closed + in_doubt.in_doubt_again(at)

    def in_doubt_again(self, at: datetime, **known: Any) -> int:
        """Let these be interrupted as they were at an earlier try, which staff may settle; gives how many."""
        again = {"claimed_at": F("doubted_at"), "claimed_by": "", "refused_at": None, "closed_at": None}
        return self.update(**again, **known, interrupted_at=at)

    def in_state(self, state: "Mail.State") -> Self:
        return self.filter(_IN_STATE[state])


class Mail(models.Model):
    """An e-mail that goes out once, to one address; without `address` it goes out by post, as a letter.

    A worker writes it, claims it, hands it to the mail server, and stores that the server took it. Between
    the last two, after a process or a connection was lost, nobody knows whether it went out: it is
    `interrupted` until staff settle it. `kind` says what it is about (portal/outbox/kinds.py), `about` names
    that by its primary key, `number` by the number that people know; with the same `key` there is one alone.
    Without `due_at` it waits until somebody hands it over by name. `data` is the kind's own, `secret` what
    goes out in the text and is kept encrypted, `doubted_at` when it was handed over for the first interrupted
    try, where it was tried again since, `failing_since` says since when it can't be written, or the server
    asks to come later, and `closed_at` that nothing more is to be done about it. One that somebody waits for,
    as for a code, has `expires_at`: it goes out before the others and not after that moment, and whatever
    becomes of it nobody sends it again, as who needs it asks for another.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits to be sent")
        TO_POST = "to_post", _("Waits to be posted")
        SENDING = "sending", _("Is being sent")
        INTERRUPTED = "interrupted", _("Sending was interrupted")
        TAKEN = "taken", _("Taken by the mail server")
        POSTED = "posted", _("Posted")
        REFUSED = "refused", _("Refused by the mail server")
        BOUNCED = "bounced", _("Came back")
        DROPPED = "dropped", _("Not sent")
        EXPIRED = "expired", _("Expired, not sent")

    kind = models.CharField(_("Kind"), max_length=40)
    about = models.BigIntegerField(_("About"))
    number = models.CharField(_("Number"), max_length=100, blank=True)
    key = models.CharField(_("Key"), max_length=500, unique=True)
    again_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="again", verbose_name=_("sent again for")
    )
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation"),
    )
    address = models.EmailField(_("Sent to"), max_length=320, blank=True)
    language = models.CharField(_("Language"), max_length=5, default="ja")
    sender_name = models.CharField(_("Sender"), max_length=200, blank=True)
    sender_address = models.EmailField(_("Sender's address"), max_length=320)
    reply_to = models.EmailField(_("Answers go to"), max_length=320, blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=300, unique=True, default=new_message_id)

    subject = models.CharField(_("Subject"), max_length=500, blank=True)
    text = models.TextField(_("Text"), blank=True)
    attachments = models.JSONField(_("Attachments"), default=list)
    data = models.JSONField(_("Data"), default=dict)
    secret = models.TextField(_("Secret"), blank=True, editable=False)
    secret_erased_at = models.DateTimeField(_("Secret erased at"), null=True, blank=True)

    created_at = models.DateTimeField(_("Written at"), default=timezone.now)
    due_at = models.DateTimeField(_("Next try at"), null=True, blank=True)
    tries = models.PositiveIntegerField(_("Tries"), default=0)
    trouble = models.CharField(_("Why it did not go out"), max_length=500, blank=True)
    failing_since = models.DateTimeField(_("Failing since"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("Handed over at"), null=True, blank=True)
    claimed_by = models.CharField(_("Handed over by"), max_length=300, blank=True)
    interrupted_at = models.DateTimeField(_("Interrupted at"), null=True, blank=True)
    doubted_at = models.DateTimeField(_("May have been sent at"), null=True, blank=True)
    taken_at = models.DateTimeField(_("Taken by the mail server at"), null=True, blank=True)
    refused_at = models.DateTimeField(_("Refused at"), null=True, blank=True)
    bounced_at = models.DateTimeField(_("Came back at"), null=True, blank=True)
    bounce_note = models.CharField(_("Why it came back"), max_length=500, blank=True)
    closed_at = models.DateTimeField(_("Settled at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("Not sent after"), null=True, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("e-mail")
        verbose_name_plural = _("outbox")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["kind", "about"], name="mail_about"),
            models.Index(fields=["due_at"], name="mail_due", condition=_UNCLAIMED),
            models.Index(
                fields=["expires_at"],
                name="mail_urgent",
                condition=_UNCLAIMED & Q(expires_at__isnull=False),
            ),
            models.Index(
                fields=["claimed_at"],
                name="mail_unsettled",
                condition=Q(claimed_at__isnull=False) & _UNSETTLED,
            ),
            models.Index(fields=["closed_at"], name="mail_to_look_at", condition=_TO_LOOK_AT),
            models.Index(fields=["taken_at"], name="mail_secrets", condition=~Q(secret="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(claimed_at__isnull=False)
                | Q(
                    interrupted_at__isnull=True,
                    taken_at__isnull=True,
                    refused_at__isnull=True,
                    bounced_at__isnull=True,
                ),
                name="mail_claimed_first",
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.name

    @property
    def name(self) -> str:
        """What names it in logs and in the audit trail: by whom it can be found, not what it says."""
        return f"{self.kind} {self.number} {self.address}"

    @property
    def may_be_out(self) -> bool:
        """Whether it was interrupted, at this or an earlier try, so that it may have gone out unknown."""
        refused_later = self.state == self.State.REFUSED and self.doubted_at is not None
        return self.state == self.State.INTERRUPTED or refused_later

    @property
    def state(self) -> State:
        """The last thing that is known of it."""
        if self.bounced_at:
            return self.State.BOUNCED
        if self.taken_at:
            return self.State.TAKEN if self.address else self.State.POSTED
        if self.refused_at:
            return self.State.REFUSED
        if self.interrupted_at:
            return self.State.INTERRUPTED
        if self.claimed_at:
            return self.State.SENDING
        if self.closed_at is None:
            return self.State.WAITING if self.address else self.State.TO_POST
        is_expired = self.expires_at is not None and self.closed_at >= self.expires_at
        return self.State.EXPIRED if is_expired else self.State.DROPPED


_IN_STATE: dict[Any, Q] = {
    Mail.State.BOUNCED: Q(bounced_at__isnull=False),
    Mail.State.TAKEN: Q(taken_at__isnull=False, bounced_at__isnull=True) & ~_BY_POST,
    Mail.State.POSTED: Q(taken_at__isnull=False, bounced_at__isnull=True) & _BY_POST,
    Mail.State.REFUSED: Q(refused_at__isnull=False) & _UNSETTLED,
    Mail.State.INTERRUPTED: Q(interrupted_at__isnull=False, refused_at__isnull=True) & _UNSETTLED,
    Mail.State.SENDING: _SENDING,
    Mail.State.DROPPED: _DROPPED,
    Mail.State.EXPIRED: _EXPIRED,
    Mail.State.WAITING: _UNCLAIMED & ~_BY_POST,
    Mail.State.TO_POST: _UNCLAIMED & _BY_POST,
}
