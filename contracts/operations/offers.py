"""Ending an option, or the whole service, after the notice that the terms want."""

from datetime import date, datetime, timedelta
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from contracts.formats import day_text
from contracts.models import Contract, Service, TermsVersion
from contracts.operations.checks import field_error, locked_contract
from contracts.operations.endings import settle_end
from contracts.operations.items import NewQuantity, end_contract, set_quantity
from contracts.operations.rulebooks import rulebook_for, version_in_force
from contracts.rules.ending import Ending, OfferKind
from contracts.rules.notice import Channel
from contracts.rules.period import japan_date
from contracts.rules.rulebook import NotProvided
from portal.audit.record import record
from portal.organisations.models import User

ONE_DAY = timedelta(days=1)


def judge_end(
    service: Service,
    product: str,
    ends_on: date,
    channel: Channel,
    sent_at: datetime,
    arrived_at: datetime | None = None,
) -> tuple[Ending, TermsVersion]:
    """Whether an option (or the service, where `product` is empty) can end on a day, and by which version.

    `sent_at` and `arrived_at` are of the notice; the terms in force when it was sent govern. ValidationError
    where none were, or they provide for no such end.
    """
    version = version_in_force(service, japan_date(sent_at))
    if version is None:
        raise ValidationError(_("No terms of this service were in force on that day."))
    offer: OfferKind = "option" if product else "service"
    if product and product not in {one.key for one in version.policy.products if one.kind == "option"}:
        raise ValidationError({"product": _("Choose an option of the service.")})
    try:
        return rulebook_for(version).ending(offer, ends_on, channel, sent_at, arrived_at), version
    except NotProvided as error:
        raise ValidationError(_("The terms don't provide for such an end."), code="not_provided") from error


@transaction.atomic
def end_offer(
    service: Service,
    staff: User,
    product: str,
    ends_on: date,
    channel: Channel,
    sent_at: datetime,
    at: datetime,
    *,
    arrived_at: datetime | None = None,
) -> list[Contract]:
    """End an option, or the service, for every contract that goes on beyond a day; gives those contracts.

    The notice has been sent already. ValidationError (`ends_on`) where the terms know no such day for an
    end, or the notice was too late; nothing ends then.
    """
    decision, version = judge_end(service, product, ends_on, channel, sent_at, arrived_at)
    ensure_possible(decision)
    ended = []
    for found in going_on(service, product, ends_on):
        contract = locked_contract(found)
        if product:
            _give_up(contract, product, ends_on, decision.billed_through_on)
        else:
            end_contract(contract, ends_on, decision.billed_through_on, Contract.EndKind.SERVICE_ENDED)
            settle_end(contract, version, ends_on, at)
        ended.append(contract)
    record(
        "option.ended" if product else "service.ended",
        staff,
        service,
        product=product,
        ends_on=ends_on,
        contracts=[contract.number for contract in ended],
        decision=decision.to_json(),
        at=at,
    )
    return ended


def ensure_possible(decision: Ending) -> None:
    """ValidationError (`ends_on`) where the terms know no such day for an end, or the notice was too late."""
    if decision.reason == "day":
        raise field_error("ends_on", _("An end must be at a month end."), "day")
    if decision.reason == "notice":
        latest = cast(date, decision.latest_send_on)
        message = _("The notice had to take effect by %(day)s, in the form that the terms want.")
        raise ValidationError({"ends_on": message % {"day": day_text(latest)}}, code="notice")


def going_on(service: Service, product: str, ends_on: date) -> QuerySet[Contract]:
    """The contracts that contain an option (or run at all, where `product` is empty) beyond a day."""
    contracts = Contract.objects.filter(service=service, formed_on__isnull=False)
    contracts = contracts.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=ends_on))
    if product:
        lasting = Q(items__ends_on__isnull=True) | Q(items__ends_on__gt=ends_on)
        contracts = contracts.filter(lasting, items__product=product)
    return contracts.distinct().order_by("pk")


def _give_up(contract: Contract, product: str, ends_on: date, billed_through_on: date) -> None:
    """The option's rows end; what was to begin later never does."""
    contract.items.filter(product=product, starts_on__gt=ends_on).delete()
    set_quantity(
        contract,
        NewQuantity(
            product=product,
            quantity=0,
            starts_on=ends_on + ONE_DAY,
            billed_from=billed_through_on + ONE_DAY,
        ),
    )
