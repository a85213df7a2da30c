"""Applications for a contract."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contracts.models.fields import PaymentMethod
from contracts.rules.calendar.period import japan_date
from portal.organisations.models import Membership, Organisation

if TYPE_CHECKING:
    from contracts.models.terms import TermsVersion


class ApplicationQuerySet(models.QuerySet["Application"]):
    def acted_for_by(self, organisation: Organisation) -> Self:
        """Those of which an organisation is the `acting_organisation`."""
        holds, applied = Q(contract__organisation=organisation), Q(organisation=organisation)
        return self.filter(holds | (applied & Q(contract__isnull=True)))

    def shown_to(self, membership: Membership) -> Self:
        """Those that a member's organisation acts for, as far as the member sees their contracts."""
        return membership.seen_of(self.acted_for_by(membership.organisation), "contract")


_Applications = models.Manager.from_queryset(ApplicationQuerySet)


class SentApplications(_Applications["Application"]):
    """Applications that were sent; what stands for one of a contract of an old system is none."""

    def get_queryset(self) -> ApplicationQuerySet:
        every = ApplicationQuerySet(self.model, using=self._db)
        return every.exclude(status=Application.Status.BROUGHT_IN)


class Application(models.Model):
    """What an organisation asks for, as it was sent.

    `applicant` is who sent it; nobody for what staff entered, of which its `receipt` tells.
    `data_statement` is what it was told, and agreed to, of the data that pass to its sales agent.
    `decided_for` is the agent for which `decided_by` decided; none where that was the provider's staff.
    A contract that was brought in from an old system has one as well, which keeps what the customer stated;
    nobody sent it, and nothing lists it.
    """

    class Status(models.TextChoices):
        SUBMITTED = "submitted", _("Received")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        BROUGHT_IN = "brought_in", _("Brought in from an old system")

    number = models.CharField(_("Reception number"), max_length=20, unique=True)
    service = models.ForeignKey(
        "Service", models.PROTECT, related_name="applications", verbose_name=_("service")
    )
    terms_version = models.ForeignKey(
        "TermsVersion", models.PROTECT, related_name="+", verbose_name=_("terms version")
    )
    agent = models.ForeignKey(
        "SalesAgent",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="applications",
        verbose_name=_("sales agent"),
    )
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        related_name="applications",
        verbose_name=_("organisation"),
    )
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("applicant"),
    )
    status = models.CharField(_("Status"), max_length=10, choices=Status.choices, default=Status.SUBMITTED)
    particulars = models.JSONField(_("Particulars"), default=dict)
    data_statement = models.TextField(_("Data that pass to the sales agent"), blank=True)
    wanted_start_on = models.DateField(_("Wanted start"), null=True, blank=True)
    payment_method = models.CharField(
        _("Payment method"), max_length=10, choices=PaymentMethod.choices, default=PaymentMethod.TRANSFER
    )
    language = models.CharField(
        _("Language"), max_length=5, default="ja", help_text=_("In which e-mails about the contract go out")
    )
    submitted_at = models.DateTimeField(_("Submitted at"))
    submission_key = models.UUIDField(unique=True, editable=False)
    decided_at = models.DateTimeField(_("Decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_for = models.ForeignKey(
        "SalesAgent",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided for the sales agent"),
    )
    refusal_reason = models.CharField(_("Reason for refusal"), max_length=60, blank=True)
    refusal_note = models.TextField(_("Note to the applicant"), blank=True)

    objects = SentApplications()
    everything = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ["-submitted_at", "-pk"]
        indexes = [models.Index(fields=["status", "submitted_at"], name="application_queue")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    status__in=["submitted", "accepted", "refused", "withdrawn", "brought_in"]
                ),
                name="application_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status="refused") | models.Q(refusal_reason=""),
                name="application_reason_only_when_refused",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def acting_organisation(self) -> Organisation:
        """Who acts for it: who holds the contract that it led to; as long as there is none, who applied."""
        contract = getattr(self, "contract", None)
        return contract.organisation if contract else self.organisation

    @property
    def sent_by(self) -> str:
        """Who applied, as people read it: the person in the portal, or whom the paper names."""
        found = getattr(self, "receipt", None)
        return found.sender if found else str(self.applicant or "")

    @property
    def contract_pk(self) -> int | None:
        """The primary key of the contract that it led to; None as long as there is none."""
        contract = getattr(self, "contract", None)
        return contract.pk if contract else None

    @property
    def governing_version(self) -> "TermsVersion":
        """The version that it agrees to, as it was read and its agent sold by it on the day of submission."""
        on = japan_date(self.submitted_at)
        return self.terms_version.read_on(on).sold_by(self.agent, on)

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.status == self.Status.SUBMITTED

    @property
    def is_asked_back(self) -> bool:
        """Whether it waits for the applicant's answer to a question before the decision."""
        last = self.messages.last()
        return self.is_open and last is not None and last.kind == ApplicationMessage.Kind.QUESTION


class ApplicationMessage(models.Model):
    """A question of staff on an application, or the applicant's answer."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("Question")
        ANSWER = "answer", _("Answer")

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="messages", verbose_name=_("application")
    )
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind.choices)
    text = models.TextField(_("Text"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("By"))
    at = models.DateTimeField(_("At"))

    class Meta:
        verbose_name = _("message on an application")
        verbose_name_plural = _("messages on applications")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.application} {self.get_kind_display()}"


class ApplicationItem(models.Model):
    """A product and how many of it an application asks for."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="items")
    product = models.SlugField(_("Product"))
    quantity = models.PositiveIntegerField(_("Quantity"))

    class Meta:
        verbose_name = _("applied product")
        verbose_name_plural = _("applied products")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["application", "product"], name="application_item_once"),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="application_item_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.product} × {self.quantity}"
