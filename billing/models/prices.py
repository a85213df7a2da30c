"""Price lists with effective dates, and the prices of single contracts."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_lazy as _

from billing.calculation.prices import NoticeOfPrices, PriceList, read_price_list
from contracts.models.limits import amount_at_most
from contracts.rules.stored import read

if TYPE_CHECKING:
    from contracts.models import SalesAgent, Service


class PriceListQuerySet(models.QuerySet["PriceListVersion"]):
    def in_force(
        self, service: "Service", day: date, agent: "SalesAgent | None" = None
    ) -> "PriceListVersion | None":
        """The price list of a day; None before the first takes effect.

        An agent sells by its own lists from the first of them on, before that by the provider's. Without an
        agent that of the service's first one counts, if there is any.
        """
        first = service.agents.order_by("position")
        seller = Q(agent=agent) if agent else Q(agent=Subquery(first.values("pk")[:1]))
        begun = self.filter(Q(agent__isnull=True) | seller, service=service, effective_on__lte=day)
        return begun.order_by(F("agent").desc(nulls_last=True), "-effective_on").first()


class PriceListVersion(models.Model):
    """The prices of a service from a day on, as they were written."""

    service = models.ForeignKey(
        "contracts.Service", models.PROTECT, related_name="price_lists", verbose_name=_("service")
    )
    agent = models.ForeignKey(
        "contracts.SalesAgent",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sales agent"),
    )
    effective_on = models.DateField(_("Effective date"))
    source = models.TextField(_("Price list"), help_text=_("TOML"))
    notice = models.JSONField(_("Decision on the notice"), default=dict, blank=True)
    announced_by = models.ForeignKey(
        "contracts.Notice",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="price_lists",
        verbose_name=_("Notice of the prices"),
    )
    evidence = models.TextField(_("How customers were told otherwise, and what proves it"), blank=True)
    override_reason = models.TextField(_("Reason for a notice that is too late"), blank=True)

    objects = PriceListQuerySet.as_manager()

    class Meta:
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")
        ordering = ["service", "-effective_on"]
        permissions = [
            ("override_notice_pricelistversion", _("May let prices change without a notice in time"))
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "effective_on"],
                condition=Q(agent__isnull=True),
                name="price_list_day_once",
            ),
            models.UniqueConstraint(fields=["agent", "effective_on"], name="price_list_of_agent_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.effective_on:%Y-%m-%d}"

    @property
    def decided_notice(self) -> NoticeOfPrices | None:
        """What the terms say of the notice; None for a list that changed no prices."""
        return read(self.notice, NoticeOfPrices)

    @property
    def prices(self) -> PriceList:
        return read_price_list(self.source)


def _same_agent() -> Q:
    """That a list is of the same agent as the row around it, or neither is of any."""
    none_there = Q(agent__isnull=True) & Q(IsNull(OuterRef("agent"), True))
    return Q(agent=OuterRef("agent")) | none_there


class BroughtPriceListQuerySet(models.QuerySet["BroughtPriceList"]):
    def waiting(self) -> Self:
        """Those that are neither published nor set aside."""
        published = PriceListVersion.objects.filter(
            _same_agent(),
            service=OuterRef("service"),
            effective_on=OuterRef("effective_on"),
        )
        return self.filter(~Exists(published), set_aside_at__isnull=True)


class BroughtPriceList(models.Model):
    """A price list that a catalog brought for a service with contracts.

    Staff propose it, with the notice that customers were given, or set it aside.
    """

    service = models.ForeignKey(
        "contracts.Service", models.PROTECT, related_name="brought_price_lists", verbose_name=_("service")
    )
    agent = models.ForeignKey(
        "contracts.SalesAgent",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sales agent"),
    )
    effective_on = models.DateField(_("Effective date"))
    source = models.TextField(_("Price list"), help_text=_("TOML"))
    brought_at = models.DateTimeField(_("Brought by the catalog at"))
    set_aside_at = models.DateTimeField(_("Set aside at"), null=True, blank=True)
    set_aside_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Set aside by"),
    )

    objects = BroughtPriceListQuerySet.as_manager()

    class Meta:
        verbose_name = _("price list of the catalog")
        verbose_name_plural = _("price lists of the catalog")
        ordering = ["service", "-effective_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "effective_on"],
                condition=Q(agent__isnull=True),
                name="brought_price_list_day_once",
            ),
            models.UniqueConstraint(
                fields=["agent", "effective_on"], name="brought_price_list_of_agent_day_once"
            ),
            models.CheckConstraint(
                condition=Q(set_aside_at__isnull=True, set_aside_by__isnull=True)
                | Q(set_aside_at__isnull=False, set_aside_by__isnull=False),
                name="brought_price_list_set_aside_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.effective_on:%Y-%m-%d}"

    @property
    def waits(self) -> bool:
        return type(self).objects.waiting().filter(pk=self.pk).exists()


class SpecialPrice(models.Model):
    """A unit price in yen, without tax, that one contract pays for a product instead of the list's.

    It counts for each month on whose last day it holds, as price lists do.
    """

    contract = models.ForeignKey(
        "contracts.Contract", models.PROTECT, related_name="special_prices", verbose_name=_("contract")
    )
    product = models.SlugField(_("Product"))
    unit_price = models.PositiveBigIntegerField(_("Unit price"))
    starts_on = models.DateField(_("Starts on"))
    ends_on = models.DateField(_("Ends on"), null=True, blank=True)
    reason = models.TextField(_("Reason"))
    set_at = models.DateTimeField(_("Set at"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("set by")
    )

    class Meta:
        verbose_name = _("special price")
        verbose_name_plural = _("special prices")
        ordering = ["contract", "product", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "product", "starts_on"], name="special_price_start_once"
            ),
            models.UniqueConstraint(
                fields=["contract", "product"],
                condition=Q(ends_on__isnull=True),
                name="special_price_open_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="special_price_in_order",
            ),
            amount_at_most("unit_price", "special_price_in_reach"),
        ]

    def __str__(self) -> str:
        return f"{self.contract} {self.product} {self.unit_price}"

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)
