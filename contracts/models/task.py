"""What staff must do by a day, what a decision makes the customer owe, and which reminders went out."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contracts.models.limits import amount_at_most
from contracts.rules.decision import Decision
from contracts.rules.life.change import Change
from contracts.rules.life.device import DeviceReturn
from contracts.rules.life.end_with_minimum_term import EndWithMinimumTerm
from contracts.rules.life.term import DataErasure
from contracts.rules.life.termination import Termination
from contracts.rules.life.withdrawal import Withdrawal
from contracts.rules.stored import read

if TYPE_CHECKING:
    from contracts.models.terms import TermsVersion

CLAIM_DECISIONS: tuple[type[Decision], ...] = (EndWithMinimumTerm, Withdrawal, DeviceReturn, Change)
"""What can make a customer owe something once."""


class TaskQuerySet(models.QuerySet["Task"]):
    def undone(self) -> Self:
        return self.filter(done_at__isnull=True)

    def due(self, day: date) -> Self:
        """What must be done by a day, and is not."""
        return self.undone().filter(due_on__lte=day)


class Task(models.Model):
    """Something that staff do by a day. `decision` says by which rule, `detail` what it is about."""

    class Kind(models.TextChoices):
        DATA_ERASURE = "data_erasure", _("Erase the customer's data")
        CURE_PERIOD = "cure_period", _("A time to cure has passed")
        DEVICE_RETURN = "device_return", _("Return of a device")
        ENTER_COSTS = "enter_costs", _("Enter the costs of a withdrawal")
        ENTER_FEE = "enter_fee", _("Enter the charge for the rest of the minimum term")
        POST_ACCEPTANCE = "post_acceptance", _("Post the written acceptance")
        DEVICE_DISPATCH = "device_dispatch", _("Dispatch of a device once it is paid")

    contract = models.ForeignKey("Contract", models.PROTECT, related_name="tasks", verbose_name=_("contract"))
    kind = models.CharField(_("Kind"), max_length=16, choices=Kind.choices)
    due_on = models.DateField(_("Due on"))
    detail = models.JSONField(_("Further details"), default=dict)
    decision = models.JSONField(_("Decision"), default=dict)
    terms_version = models.ForeignKey(
        "TermsVersion", models.PROTECT, related_name="+", verbose_name=_("terms version")
    )
    created_at = models.DateTimeField(_("Created at"))
    done_at = models.DateTimeField(_("Done at"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("done by"),
    )
    note = models.TextField(_("Note"), blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["done_at", "due_on"], name="task_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["contract"], condition=Q(kind="data_erasure"), name="task_one_erasure"
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(done_by__isnull=False), name="task_done_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract} {self.get_kind_display()}"

    @property
    def governing_version(self) -> "TermsVersion":
        """Its version by the reading of its decision."""
        return self.terms_version.read_by(self.decided)

    @property
    def decided(self) -> Decision | None:
        """The decision that it follows from."""
        return read(self.decision, DataErasure, Termination, *CLAIM_DECISIONS)


class Claim(models.Model):
    """What a decision on a contract makes the customer owe once, in yen without tax; billing charges it."""

    class Kind(models.TextChoices):
        MINIMUM_TERM = "minimum_term", _("Rest of the minimum term")
        PREPARATION_COSTS = "preparation_costs", _("Costs of preparation")
        SETUP_COSTS = "setup_costs", _("Costs of the set-up so far")
        ACTUAL_DAMAGE = "actual_damage", _("Actual damage")
        DEVICE_PENALTY = "device_penalty", _("Penalty for a device that was not returned")

    class Treatment(models.TextChoices):
        STANDARD = "standard", _("Standard rate")
        OUTSIDE = "outside", _("Outside the tax")

    contract = models.ForeignKey(
        "Contract", models.PROTECT, related_name="claims", verbose_name=_("contract")
    )
    kind = models.CharField(_("Kind"), max_length=20, choices=Kind.choices)
    net = models.PositiveBigIntegerField(_("Amount without tax"))
    tax = models.CharField(_("Tax"), max_length=8, choices=Treatment.choices)
    arose_on = models.DateField(_("Arose on"))
    terms_version = models.ForeignKey(
        "TermsVersion", models.PROTECT, related_name="+", verbose_name=_("terms version")
    )
    decision = models.JSONField(_("Decision"), default=dict)
    note = models.TextField(_("Note"), blank=True)
    request = models.ForeignKey(
        "ContractRequest",
        models.PROTECT,
        related_name="claims",
        null=True,
        blank=True,
        verbose_name=_("request"),
    )
    task = models.OneToOneField(
        Task, models.PROTECT, related_name="claim", null=True, blank=True, verbose_name=_("task")
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )

    class Meta:
        verbose_name = _("one-off claim")
        verbose_name_plural = _("one-off claims")
        ordering = ["-arose_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "kind"], condition=Q(request__isnull=False), name="claim_of_request_once"
            ),
            # The rest of a minimum term is calculated, not entered.
            amount_at_most("net", "claim_in_reach", unless=Q(kind="minimum_term")),
        ]

    def __str__(self) -> str:
        return f"{self.contract} {self.get_kind_display()}"

    @property
    def decided(self) -> Decision | None:
        """The decision that it follows from."""
        return read(self.decision, *CLAIM_DECISIONS)


class Reminder(models.Model):
    """The ledger of reminders: one row for each, so that none goes out twice, whoever runs the day.

    `key` names what is reminded of. A claimed one is in the outbox; `sent_at` is when the mail server took
    it first.
    """

    key = models.CharField(_("Reminder"), max_length=120, unique=True)
    contract = models.ForeignKey(
        "Contract",
        models.PROTECT,
        related_name="reminders",
        null=True,
        blank=True,
        verbose_name=_("contract"),
    )
    due_on = models.DateField(_("Deadline"))
    to = models.CharField(_("Sent to"), max_length=2000, blank=True)
    claimed_at = models.DateTimeField(_("Claimed at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("Sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-due_on", "-pk"]

    def __str__(self) -> str:
        return self.key
