"""Price lists with effective dates."""

from datetime import date
from functools import lru_cache

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.calculation.prices import PriceList, read_price_list
from contracts.models import Service


class PriceListQuerySet(models.QuerySet["PriceListVersion"]):
    def in_force(self, service: Service, day: date) -> "PriceListVersion | None":
        """The price list of a day; None before the first takes effect."""
        return self.filter(service=service, effective_on__lte=day).order_by("-effective_on").first()


class PriceListVersion(models.Model):
    """The prices of a service from a day on, as they were written."""

    service = models.ForeignKey(
        Service, models.PROTECT, related_name="price_lists", verbose_name=_("service")
    )
    effective_on = models.DateField(_("Effective date"))
    source = models.TextField(_("Price list"), help_text=_("TOML"))

    objects = PriceListQuerySet.as_manager()

    class Meta:
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")
        ordering = ["service", "-effective_on"]
        constraints = [
            models.UniqueConstraint(fields=["service", "effective_on"], name="price_list_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.effective_on:%Y-%m-%d}"

    @property
    def prices(self) -> PriceList:
        return _parsed(self.source)


@lru_cache(maxsize=64)
def _parsed(source: str) -> PriceList:
    return read_price_list(source)
