"""Price lists that a catalog brings for services with contracts: they wait until staff propose them."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from billing.calculation.prices import read_price_list
from billing.models import BroughtPriceList
from billing.pricing.price_lists import agent_named
from contracts.models import Service
from portal.audit.record import record
from portal.organisations.models import User


@transaction.atomic
def bring_price_list(service: Service, source: str, at: datetime) -> tuple[BroughtPriceList, bool]:
    """Keep a price list of a catalog, written in TOML, for staff to propose or to set aside.

    Gives it, and whether it is new. The same prices again change nothing, whatever staff made of them; others
    for the day take their place, and wait. PriceListError names every problem by its path.
    """
    prices = read_price_list(source)
    effective_on = prices.effective_on
    Service.objects.select_for_update().get(pk=service.pk)
    agent = agent_named(service, prices)
    of_the_day = BroughtPriceList.objects.filter(service=service, effective_on=effective_on)
    known = of_the_day.filter(agent=agent).first()
    if known and read_price_list(known.source) == prices:
        return known, False
    brought = known or BroughtPriceList(service=service, agent=agent, effective_on=effective_on)
    brought.source, brought.brought_at = source, at
    brought.set_aside_at = brought.set_aside_by = None
    brought.save()
    record("price_list.brought", None, brought, service=service.slug, effective_on=effective_on)
    return brought, True


@transaction.atomic
def set_aside(brought: BroughtPriceList, staff: User, at: datetime) -> BroughtPriceList:
    """Leave a price list of a catalog unpublished; it does not come back with the next load.

    ValidationError where it does not wait any more.
    """
    current = BroughtPriceList.objects.select_for_update(of=("self",)).get(pk=brought.pk)
    if not current.waits:
        raise ValidationError(_("This price list is published, or was set aside."), "not_waiting")
    current.set_aside_at, current.set_aside_by = at, staff
    current.save(update_fields=["set_aside_at", "set_aside_by"])
    record(
        "price_list.set_aside",
        staff,
        current,
        service=current.service.slug,
        effective_on=current.effective_on,
    )
    return current
