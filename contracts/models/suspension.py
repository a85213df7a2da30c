"""Times during which the service of a contract is stopped."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contracts.models.contract import Contract
from contracts.rules.life.change import Change
from contracts.rules.life.stop import Stop
from contracts.rules.stored import read

if TYPE_CHECKING:
    from contracts.models.terms import TermsVersion

_DECISIONS: tuple[type[Stop | Change], ...] = (Stop, Change)


class Suspension(models.Model):
    """A time during which the service, or one option, is stopped; without an end it lasts until it is lifted.

    The provider suspends and pauses, the customer asks for an interruption. `decision` is by the rules of
    `terms_version`.
    """

    class Kind(models.TextChoices):
        SUSPENSION = "suspension", _("Suspension")
        UNTIL_PAID = "until_paid", _("Suspension until paid")
        PAUSE = "pause", _("Pause")
        INTERRUPTION = "interruption", _("Interruption on request")

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="suspensions")
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind.choices, default=Kind.SUSPENSION)
    product = models.SlugField(_("Product"), blank=True, help_text=_("Empty: the whole service."))
    reason = models.CharField(_("Reason"), max_length=60, blank=True)
    note = models.TextField(_("Note"), blank=True)
    starts_on = models.DateField(_("Starts on"))
    ends_on = models.DateField(_("Ends on"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("Lifted at"), null=True, blank=True)
    decision = models.JSONField(_("Decision"), default=dict)
    terms_version = models.ForeignKey(
        "TermsVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("terms version"),
    )

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="suspension_in_order"
            ),
            models.CheckConstraint(
                condition=Q(kind="interruption") | ~Q(reason=""), name="suspension_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract} {self.starts_on:%Y-%m-%d}"

    @property
    def governing_version(self) -> "TermsVersion":
        """Its version by the reading of its decision, with what was agreed individually on the first day."""
        version = self.terms_version or self.contract.contracted_version
        return self.contract.layered(version.read_by(self.decided), self.starts_on)

    @property
    def decided(self) -> Stop | Change | None:
        """The decision: for an interruption that on the customer's request."""
        return read(self.decision, *_DECISIONS)

    @property
    def state(self) -> Contract.State:
        """What a contract is while this goes on."""
        match self.kind:
            case self.Kind.PAUSE:
                return Contract.State.PAUSED
            case self.Kind.INTERRUPTION:
                return Contract.State.INTERRUPTED
            case _:
                return Contract.State.SUSPENDED

    def covers(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)
