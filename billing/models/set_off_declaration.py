"""Set-offs that customers declare (相殺の意思表示)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.models.answered import Answered, AnsweredQuerySet
from contracts.models.limits import amount_at_most


class SetOffDeclaration(Answered):
    """That a customer sets off a claim of its own, in yen, against an open invoice.

    It works as it arrives (民法506条1項), at `declared_at`; `claim` says what the customer claims. Staff book
    it by a set-off, or say why nothing can be set off.
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("Waiting for a decision")
        BOOKED = "accepted", pgettext_lazy("set-off", "Booked")
        REFUSED = "refused", _("Refused")

    provider = models.ForeignKey(
        "contracts.Provider", models.PROTECT, related_name="set_off_declarations", verbose_name=_("provider")
    )
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        related_name="set_off_declarations",
        verbose_name=_("organisation"),
    )
    invoice = models.ForeignKey(
        "Invoice", models.PROTECT, related_name="set_off_declarations", verbose_name=_("invoice")
    )
    amount = models.PositiveBigIntegerField(_("Amount"))
    claim = models.TextField(_("Own claim"))
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("declared by")
    )
    declared_at = models.DateTimeField(_("Declared at"))
    state = models.CharField(_("Status"), max_length=10, choices=State.choices, default=State.SUBMITTED)
    set_off = models.ForeignKey(
        "SetOff",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="declarations",
        verbose_name=_("set-off"),
    )

    objects = AnsweredQuerySet["SetOffDeclaration"].as_manager()

    class Meta:
        verbose_name = _("declaration of a set-off")
        verbose_name_plural = _("declarations of set-offs")
        ordering = ["-declared_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=1), name="set_off_declaration_positive"),
            amount_at_most("amount", "set_off_declaration_in_reach"),
            models.CheckConstraint(
                condition=Q(state="accepted", set_off__isnull=False)
                | (~Q(state="accepted") & Q(set_off__isnull=True)),
                name="set_off_declaration_booked_by_a_set_off",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""), name="set_off_declaration_refused_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} ¥{self.amount:,}"
