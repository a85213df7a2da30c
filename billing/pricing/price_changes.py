"""Changing prices: a new price list, for which customers were given notice in time."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from billing.calculation.prices import read_price_list
from billing.models import PriceListVersion
from billing.pricing.price_lists import PRICE_LIST, publish_price_list
from billing.pricing.price_notices import ToldOtherwise, weigh_notice
from contracts.models import Notice, Service
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.organisations.models import User

OVERRIDE = "billing.override_notice_pricelistversion"


@transaction.atomic
def change_prices(
    service: Service,
    source: str,
    told: Notice | ToldOtherwise | None,
    staff: User,
    override_reason: str = "",
    *,
    approval: Proposal | None = None,
) -> PriceListVersion:
    """Publish a price list, written in TOML, that customers were told of as the terms ask.

    The terms in force when the notice was sent say how long before; the ledger of notices says for whom it
    took effect by then. A notice that is too late, has not reached each contract concerned, or is in the
    wrong form, is refused with the earliest day or with those contracts; with a reason it is taken, and then
    a manager (`OVERRIDE`) has to approve it. ValidationError without the approval of a second person
    (`second_person`), and as for `weigh_notice`. PriceListError names what is wrong in the list.
    """
    prices = read_price_list(source)
    if service.binds_customers and prices.effective_on.day != 1:
        text = _("Prices change with the first day of a month: months are charged whole.")
        raise ValidationError({"source": text})
    weighed = weigh_notice(service, prices, told)
    if weighed.problem:
        _ensure_overridden(approval, override_reason, weighed.problem)
    return publish_price_list(
        service, source, staff, weighed.stated, override_reason.strip(), told=told, approval=approval
    )


def _ensure_overridden(approval: Proposal | None, reason: str, problem: str) -> None:
    if not reason.strip():
        raise ValidationError({"source": problem})
    ensure_second_person(approval, PRICE_LIST)
