"""What goes out by post: print files for envelopes, and the record of their posting."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Posting(models.Model):
    """A file with all that somebody had printed at a time, one envelope after the other.

    A worker draws it: until `drawn_at` there is no file, and `trouble` is what stopped the drawing. Who draws
    it has it until `leased_until`. `posted_on` is the day on which the envelopes went out; from then on what
    is in them counts as sent. A `reprint_of` another holds the same once more. One that was not posted can be
    `discarded_at`: what was in it waits again.
    """

    class What(models.TextChoices):
        ALL = "all", _("Letters and invoices")
        LETTERS = "contracts", _("Letters on applications and contracts")
        INVOICES = "billing", _("Invoices, and letters about money")

    class State(models.TextChoices):
        WAITING = "waiting", _("Being drawn")
        READY = "ready", _("Ready to be printed")
        POSTED = "posted", _("Posted")
        DISCARDED = "discarded", _("Discarded")

    provider = models.ForeignKey("Provider", models.PROTECT, related_name="+", verbose_name=_("provider"))
    what = models.CharField(_("What is printed"), max_length=10, choices=What.choices)
    month = models.CharField(_("Month in which it was written"), max_length=7, blank=True)
    reprint_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reprints", verbose_name=_("reprint of")
    )
    made_at = models.DateTimeField(_("Made at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    envelopes = models.PositiveIntegerField(_("Envelopes"), default=0)
    pages = models.PositiveIntegerField(_("Pages"), default=0)
    pdf = models.FileField(_("PDF"), upload_to="postings/", blank=True)
    pdf_hash = models.CharField(_("PDF hash"), max_length=64, blank=True)
    drawn_at = models.DateTimeField(_("Drawn at"), null=True, blank=True)
    trouble = models.TextField(_("Trouble"), blank=True)
    leased_until = models.DateTimeField(_("Leased until"), null=True, blank=True)
    posted_on = models.DateField(_("Posted on"), null=True, blank=True)
    posted_at = models.DateTimeField(_("Posting recorded at"), null=True, blank=True)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("posting recorded by"),
    )
    discarded_at = models.DateTimeField(_("Discarded at"), null=True, blank=True)

    class Meta:
        verbose_name = _("print file for envelopes")
        verbose_name_plural = _("print files for envelopes")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(drawn_at__isnull=True)
                | ~Q(pdf="") & ~Q(pdf_hash="")
                | Q(envelopes=0)
                | Q(discarded_at__isnull=False),
                name="posting_drawn_is_kept",
            ),
            models.CheckConstraint(
                condition=Q(posted_on__isnull=True, posted_at__isnull=True, posted_by__isnull=True)
                | Q(
                    posted_on__isnull=False,
                    posted_at__isnull=False,
                    posted_by__isnull=False,
                    drawn_at__isnull=False,
                    discarded_at__isnull=True,
                ),
                name="posting_posted_once_drawn",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What stands on each envelope's sheet."""
        return f"P{self.pk:06}"

    @property
    def state(self) -> State:
        if self.discarded_at:
            return self.State.DISCARDED
        if self.posted_on:
            return self.State.POSTED
        return self.State.READY if self.drawn_at else self.State.WAITING


class PostedMail(models.Model):
    """One thing in an envelope of a print file: `envelope` is its number there, `pages` how many it has."""

    posting = models.ForeignKey(
        Posting, models.CASCADE, related_name="contents", verbose_name=_("print file for envelopes")
    )
    mail = models.ForeignKey("outbox.Mail", models.PROTECT, related_name="+", verbose_name=_("e-mail"))
    envelope = models.PositiveIntegerField(_("Envelope"), default=0)
    pages = models.PositiveIntegerField(_("Pages"), default=0)

    class Meta:
        verbose_name = _("thing in an envelope")
        verbose_name_plural = _("things in envelopes")
        ordering = ["envelope", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["posting", "mail"], name="posted_mail_once_a_file"),
        ]

    def __str__(self) -> str:
        return f"{self.posting} {self.envelope}"
