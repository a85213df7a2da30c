"""Notices of the provider, and the ledger of who was told by which channel, and when."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts.rules.calendar.period import japan_date
from portal.language import in_english
from portal.organisations.models import Membership, Organisation, User

if TYPE_CHECKING:
    from contracts.models.service import Service
    from contracts.models.terms import TermsVersion


class NoticeQuerySet(models.QuerySet["Notice"]):
    def sent_to(self, organisation: Organisation) -> Self:
        """What was sent to an organisation, the newest first."""
        told = self.filter(sent_at__isnull=False, deliveries__organisation=organisation)
        return told.distinct().order_by("-sent_at", "-pk")

    def shown_to(self, membership: Membership) -> Self:
        """What was sent to a member's organisation about services of contracts that the member sees."""
        return membership.seen_of(self.sent_to(membership.organisation), "service__contracts")

    def unread_by(self, person: User) -> Self:
        """Each notice with `unread`: whether that person has not opened it yet."""
        return self.annotate(unread=~_read_by(person))

    def to_read(self, person: User) -> Self:
        """Those that a person has not opened yet."""
        return self.filter(~_read_by(person))


def _read_by(person: User) -> Exists:
    read = NoticeDelivery.objects.filter(notice=OuterRef("pk"), person=person, read_at__isnull=False)
    return Exists(read)


class Notice(models.Model):
    """An announcement to customers of a service. Once it is sent its words and dates stay."""

    class Purpose(models.TextChoices):
        TERMS_CHANGE = "terms_change", _("Change of terms")
        PRICE_CHANGE = "price_change", _("Change of prices")
        SERVICE_END = "service_end", _("End of the service")
        OPTION_END = "option_end", _("End of an option")
        MAINTENANCE = "maintenance", _("Maintenance")
        FACILITY_STOP = "facility_stop", _("Stop for works on facilities")
        EMERGENCY_MAINTENANCE = "emergency_maintenance", _("Emergency maintenance")
        BUSINESS_TRANSFER = "business_transfer", _("Split-up or transfer of the provider's business")

    STOPS = (Purpose.MAINTENANCE, Purpose.FACILITY_STOP, Purpose.EMERGENCY_MAINTENANCE)
    """The purposes that tell of a stop of the service."""

    class Scope(models.TextChoices):
        AFFECTED = "affected", _("Contracts that run on the effective date")
        ALL = "all", _("All contracts that have not ended")

    service = models.ForeignKey("Service", models.PROTECT, related_name="notices", verbose_name=_("service"))
    purpose = models.CharField(_("Purpose"), max_length=24, choices=Purpose.choices)
    terms_version = models.ForeignKey(
        "TermsVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="notices",
        verbose_name=_("announced version"),
        help_text=_("For a change of terms."),
    )
    effective_on = models.DateField(
        _("Takes effect on"), help_text=_("The day on which what is announced takes effect or begins.")
    )
    reason = models.TextField(_("Reason"), blank=True, help_text=_("For a stop: why the service stops."))
    starts_at = models.DateTimeField(
        _("Stops from"), null=True, blank=True, help_text=_("For a stop: its planned or actual beginning.")
    )
    ends_at = models.DateTimeField(
        _("Stops until"), null=True, blank=True, help_text=_("For a stop: its planned or actual end.")
    )
    scope = models.CharField(_("Sent to"), max_length=10, choices=Scope.choices, default=Scope.AFFECTED)
    product = models.SlugField(
        _("Product"),
        blank=True,
        help_text=_("Only to contracts that contain this product on the effective date. Empty: to all."),
    )
    by_letter = models.BooleanField(
        _("By letter as well"),
        default=False,
        help_text=_("Beside e-mail and site; the ledger then holds a letter for each organisation."),
    )
    subject = models.CharField(_("Subject"), max_length=150, blank=True)
    body = models.TextField(
        _("Text"),
        blank=True,
        help_text=_(
            "Day, reason and period stand below it. For a stop, subject and text may be left to the portal."
        ),
    )
    subject_en = models.CharField(_("Subject in English"), max_length=150, blank=True)
    body_en = models.TextField(_("Text in English"), blank=True)

    created_at = models.DateTimeField(_("Created at"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    sent_at = models.DateTimeField(_("Sent at"), null=True, blank=True, editable=False)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("sent by"),
    )
    governing_version = models.ForeignKey(
        "TermsVersion",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("governed by"),
    )
    override_reason = models.TextField(_("Reason for sending it late"), blank=True, editable=False)

    unread: bool
    """Only on what `unread_by` gives."""

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at", "-pk"]
        permissions = [("override_notice", "Can send a notice later than the terms allow")]
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(governing_version__isnull=False),
                name="notice_sent_under_a_version",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=False) | Q(override_reason=""), name="notice_override_when_sent"
            ),
            models.UniqueConstraint(
                fields=["terms_version"],
                condition=Q(purpose="terms_change"),
                name="notice_of_a_version_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.subject}"

    @property
    def governed_by(self) -> "TermsVersion | None":
        """The version that governs it, as it was read when it was sent; None before."""
        version, sent_at = self.governing_version, self.sent_at
        return version.read_on(japan_date(sent_at)) if version and sent_at else None

    def clean(self) -> None:
        """The announced version belongs to the service, and takes effect on the notice's day."""
        version = self.terms_version
        if self.purpose == self.Purpose.TERMS_CHANGE:
            own = version is not None and version.service_id == self.service_id
            if version is None or not own or version.published_at is None:
                raise ValidationError({"terms_version": _("Choose the published version that is announced.")})
            if version.effective_on != self.effective_on:
                raise ValidationError({"effective_on": _("The version takes effect on another day.")})
        elif version:
            raise ValidationError({"terms_version": _("Only a change of terms announces a version.")})
        if self.product and self.service_id and self.product not in _products(self.service):
            raise ValidationError({"product": _("The terms of this service know no such product.")})
        self._ensure_period_fits()
        missing = [name for name in ("subject", "body") if not getattr(self, name)]
        if missing and self.purpose not in self.STOPS:
            raise ValidationError(dict.fromkeys(missing, _("Give subject and text.")))
        if bool(self.subject_en) != bool(self.body_en):
            raise ValidationError({"body_en": _("Give subject and text in English, or neither.")})

    def _ensure_period_fits(self) -> None:
        if (self.starts_at or self.ends_at) and self.purpose not in self.STOPS:
            raise ValidationError({"starts_at": _("Only a stop of the service has a period.")})
        if self.ends_at and (self.starts_at is None or self.ends_at <= self.starts_at):
            raise ValidationError({"ends_at": _("A stop ends after it begins.")})
        if self.starts_at and self.effective_on and japan_date(self.starts_at) != self.effective_on:
            raise ValidationError({"effective_on": _("The stop begins on another day.")})

    @property
    def shown_subject(self) -> str:
        """The subject in the language of the current request."""
        return self.subject_en if self.subject_en and in_english() else self.subject

    @property
    def shown_body(self) -> str:
        return self.body_en if self.body_en and in_english() else self.body


def _products(service: "Service") -> set[str]:
    versions = service.versions.published().prefetch_related("revisions")
    policies = [version.read_on(date.max).policy for version in versions]
    return {product.key for policy in policies for product in policy.products}


class NoticeDelivery(models.Model):
    """A line of the ledger: a notice on its way to a member of an organisation, or to itself, by one channel.

    Without a `person` it goes to the organisation itself, or to whom the terms name for it, by the address.

    An e-mail is claimed (`sent_at`) before it is handed over, so that nobody gets it twice; `accepted_at`
    says that the server took it. One that has the first and neither the second nor a bounce was interrupted.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        SITE = "site", _("Site")
        LETTER = "letter", _("Letter")

    class State(models.TextChoices):
        PENDING = "pending", _("Not sent yet")
        INTERRUPTED = "interrupted", pgettext_lazy("sending", "Interrupted")
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Accepted by the server")
        ARRIVED = "arrived", _("Arrived")
        READ = "read", _("Read")
        BOUNCED = "bounced", _("Bounced")

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="deliveries", verbose_name=_("notice"))
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        related_name="notice_deliveries",
        verbose_name=_("organisation"),
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    channel = models.CharField(_("Channel"), max_length=6, choices=Channel.choices)
    address = models.CharField(_("E-mail or postal address"), max_length=320, blank=True)
    language = models.CharField(_("Language"), max_length=5, default="ja")
    sent_at = models.DateTimeField(_("Sent at"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("Accepted by the server at"), null=True, blank=True)
    bounced_at = models.DateTimeField(_("Bounced at"), null=True, blank=True)
    bounce_note = models.CharField(_("Why it bounced"), max_length=500, blank=True)
    read_at = models.DateTimeField(_("Read at"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("Arrived at"), null=True, blank=True)
    effective_at = models.DateTimeField(_("Effective at"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery of a notice")
        verbose_name_plural = _("deliveries of notices")
        ordering = ["notice", "organisation", "channel", "pk"]
        indexes = [
            models.Index(fields=["organisation", "effective_at"], name="delivery_effective"),
            models.Index(fields=["notice", "channel", "sent_at"], name="delivery_queue"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "channel", "organisation", "person"], name="delivery_once_a_person"
            ),
            models.UniqueConstraint(
                fields=["notice", "channel", "organisation", "address"],
                condition=Q(person__isnull=True),
                name="delivery_once_an_address",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=False)
                | Q(
                    accepted_at__isnull=True,
                    bounced_at__isnull=True,
                    read_at__isnull=True,
                    arrived_at__isnull=True,
                    effective_at__isnull=True,
                ),
                name="delivery_sent_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} – {self.address or self.organisation} ({self.get_channel_display()})"

    @property
    def state(self) -> "NoticeDelivery.State":
        """The last thing that is known of it."""
        if self.sent_at is None:
            return self.State.PENDING
        if self.bounced_at:
            return self.State.BOUNCED
        if self.read_at:
            return self.State.READ
        if self.channel == self.Channel.EMAIL:
            return self.State.ACCEPTED if self.accepted_at else self.State.INTERRUPTED
        return self.State.ARRIVED if self.arrived_at else self.State.SENT
