"""Running numbers of what customers refer to."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NumberCounter(models.Model):
    """The last number given for one kind of thing in one year; its row is locked while a number is given."""

    class Kind(models.TextChoices):
        APPLICATION = "A", _("Application")
        CONTRACT = "C", _("Contract")
        REQUEST = "R", _("Request")
        LETTER = "L", _("Letter")
        INQUIRY = "Q", _("Inquiry")

    kind = models.CharField(_("Kind"), max_length=1, choices=Kind.choices)
    year = models.PositiveSmallIntegerField(_("Year"))
    last = models.PositiveIntegerField(_("Last number"), default=0)

    class Meta:
        verbose_name = _("number counter")
        verbose_name_plural = _("number counters")
        constraints = [models.UniqueConstraint(fields=["kind", "year"], name="number_counter_once")]

    def __str__(self) -> str:
        return f"{self.kind}{self.year}: {self.last}"
