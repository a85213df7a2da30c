"""Money received for invoices."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.models.invoice import Invoice


class Payment(models.Model):
    """An amount in yen that arrived for an invoice on a day."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="payments", verbose_name=_("invoice"))
    paid_on = models.DateField(_("Paid on"))
    amount = models.PositiveBigIntegerField(_("Amount"))
    reference = models.CharField(_("Reference"), max_length=100, unique=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["paid_on", "pk"]
        constraints = [models.CheckConstraint(condition=models.Q(amount__gte=1), name="payment_positive")]

    def __str__(self) -> str:
        return f"{self.invoice} {self.amount}"
