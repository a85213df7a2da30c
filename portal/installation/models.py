"""The installation: who it is, what has gone out of it, which parts of it live, which files are damaged."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


def new_identity() -> str:
    """A name that no other installation has."""
    return secrets.token_hex(16)


class Installation(models.Model):
    """The one row that the mark among the stored files is held against (portal/installation/mark.py).

    `moves` counts what has gone out, and moves on with time as well. `files_behind` says that the stored
    files were found to be older than the database.
    """

    identity = models.CharField(_("Identity"), max_length=32, default=new_identity)
    moves = models.PositiveBigIntegerField(_("Moves"), default=0)
    files_behind = models.BooleanField(_("Stored files are older"), default=False)

    class Meta:
        verbose_name = _("installation")
        verbose_name_plural = _("installations")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="installation_one")]

    def __str__(self) -> str:
        return self.identity


class DamagedFile(models.Model):
    """A stored file that was to be handed out and was missing, or not the one that was stored.

    It is told of until the file is handed out again as it was stored.
    """

    class How(models.TextChoices):
        MISSING = "missing", pgettext_lazy("a stored file", "missing")
        ALTERED = "altered", pgettext_lazy("a stored file", "altered")

    name = models.CharField(_("Name"), max_length=200, unique=True)
    how = models.CharField(_("What is wrong"), max_length=10, choices=How.choices)
    found_at = models.DateTimeField(_("Found at"))

    class Meta:
        verbose_name = _("damaged file")
        verbose_name_plural = _("damaged files")
        ordering = ["-found_at"]

    def __str__(self) -> str:
        return self.name


class SignOfLife(models.Model):
    """When a part of the installation was last known to work, and since when it is known not to.

    One row for each part, whichever machine it was seen on.
    """

    class Part(models.TextChoices):
        CLOCK = "clock", _("Clock")
        WORKER = "worker", _("Worker")
        BROKER = "broker", _("Broker")
        MAIL = "mail", _("Mail server")

    part = models.CharField(_("Part"), max_length=10, choices=Part.choices, primary_key=True)
    at = models.DateTimeField(_("Last seen at"), null=True, blank=True)
    seen_by = models.CharField(_("Seen by"), max_length=200, blank=True)
    failing_since = models.DateTimeField(_("Failing since"), null=True, blank=True)
    failed_at = models.DateTimeField(_("Last failed at"), null=True, blank=True)
    trouble = models.CharField(_("Trouble"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")

    def __str__(self) -> str:
        return self.part
