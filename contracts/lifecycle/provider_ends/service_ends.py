"""Ending an option, or the whole service, after the notice that the terms want."""

from datetime import date, datetime, timedelta
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from contracts.deciding.guards import field_error, locked_contract
from contracts.extensions.kinds import ends_contract
from contracts.lifecycle.ending_notices import EndingNotice
from contracts.lifecycle.endings import settle_end
from contracts.lifecycle.items import NewQuantity, end_contract, set_quantity
from contracts.models import Contract, ContractRequest, Notice, Service, TermsVersion
from contracts.rules.calendar.period import japan_date
from contracts.wording.formats import day_text
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.models import User

ONE_DAY = timedelta(days=1)
LATE_END = "late_end"
"""The kind of proposal that ends something without a notice in time."""


def judge_end(notice: Notice, product: str, ends_on: date) -> EndingNotice:
    """What the ledger of a notice says to the end of an option (or of the service, where `product` is empty).

    ValidationError where the notice was not sent, or is about another end; and for a day before the one that
    it announced. Whether it is in time is for `ensure_possible`.
    """
    if notice.sent_at is None:
        raise ValidationError({"notice": _("This notice was not sent yet.")})
    wanted = Notice.Purpose.OPTION_END if product else Notice.Purpose.SERVICE_END
    if notice.purpose != wanted or notice.product not in ("", product):
        raise ValidationError({"notice": _("This notice announced the end of something else.")})
    products = cast(TermsVersion, notice.governed_by).policy.products
    if product and product not in {one.key for one in products if one.kind == "option"}:
        raise ValidationError({"product": _("Choose an option of the service.")})
    # A notice names the last day, or the first one without.
    if ends_on < notice.effective_on - ONE_DAY:
        message = _("The notice announced %(day)s; nothing ends before.")
        raise ValidationError({"ends_on": message % {"day": day_text(notice.effective_on)}})
    return EndingNotice(notice, product, going_on(notice.service, product, ends_on))


@transaction.atomic
def end_offer(
    notice: Notice,
    staff: User,
    product: str,
    ends_on: date,
    at: datetime,
    *,
    override_reason: str = "",
    approval: Proposal | None = None,
) -> list[Contract]:
    """End an option, or the service, for every contract that goes on beyond a day; gives those contracts.

    ValidationError as for `judge_end` and `ensure_possible`, and where the notice is not in time and no
    second person approved that (`second_person`); nothing ends then.
    """
    judged = judge_end(notice, product, ends_on)
    reason = ensure_possible(judged, ends_on, override_reason)
    if reason:
        ensure_second_person(approval, LATE_END)
    decision = judged.ending(ends_on)
    ended = []
    for found in judged.contracts:
        contract = locked_contract(found)
        if product:
            _give_up(contract, product, ends_on, decision.billed_through_on)
        else:
            end_contract(contract, ends_on, decision.billed_through_on, Contract.EndKind.SERVICE_ENDED)
            version = contract.layered(judged.version, japan_date(at))
            settle_end(contract, version, ends_on, at, decision.open_debts_due_on)
        ended.append(contract)
    _end_also_if_taken_back(notice, product, ends_on, decision.billed_through_on)
    record(
        "option.ended" if product else "service.ended",
        staff,
        notice.service,
        product=product,
        ends_on=ends_on,
        notice=notice.pk,
        contracts=[contract.number for contract in ended],
        not_told=[contract.number for contract in judged.not_told],
        decision=decision.to_json(),
        at=at,
        personal={"override_reason": reason},
    )
    return ended


def ensure_possible(judged: EndingNotice, ends_on: date, override_reason: str) -> str:
    """The reason for which something ends without a notice in time; empty where the notice is in time.

    ValidationError where the terms know no such day for an end (`ends_on`), and where the notice is too late
    or has not reached everybody, and there is no reason to end it all the same (`override_reason`, code
    `notice`).
    """
    decision = judged.ending(ends_on)
    if decision.reason == "day":
        raise field_error("ends_on", _("An end must be at a month end."), "day")
    if decision.reason is None and not judged.not_told:
        return ""
    reason = override_reason.strip()
    if not reason:
        raise field_error("override_reason", _too_late_text(judged), "notice")
    return reason


def _too_late_text(judged: EndingNotice) -> str:
    if judged.not_told:
        numbers = [contract.number for contract in judged.not_told]
        return _(
            "The notice has not taken effect for %(count)s contracts (%(numbers)s). Record the arrival of the"
            " letters, or send a notice to them; a manager may approve that it ends all the same, with a"
            " reason."
        ) % {"count": len(numbers), "numbers": ", ".join(numbers[:5])}
    earliest = judged.earliest_on
    return _(
        "The notice is too late for that day. By the terms the earliest last day is %(day)s; a manager may"
        " approve that it ends all the same, with a reason."
    ) % {"day": day_text(earliest) if earliest else "—"}


def going_on(service: Service, product: str, ends_on: date) -> QuerySet[Contract]:
    """The contracts that contain an option (or run at all, where `product` is empty) beyond a day."""
    contracts = Contract.objects.filter(service=service, formed_on__isnull=False)
    contracts = contracts.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=ends_on))
    if product:
        lasting = Q(items__ends_on__isnull=True) | Q(items__ends_on__gt=ends_on)
        contracts = contracts.filter(lasting, items__product=product)
    return contracts.distinct().order_by("pk")


def _end_also_if_taken_back(notice: Notice, product: str, ends_on: date, billed_through_on: date) -> None:
    """Note on what customers gave up by receipt, and may take back, that it ends on a day then too.

    Only for customers whom the notice has reached.
    """
    told = notice.deliveries.filter(effective_at__isnull=False).values("organisation")
    given_up = ContractRequest.objects.filter(
        contract__service=notice.service_id,
        contract__organisation__in=told,
        status__in=ContractRequest.OPEN,
        replaced__isnull=False,
        product=product,
    )
    end = {
        "ends_on": ends_on.isoformat(),
        "billed_through_on": billed_through_on.isoformat(),
        "kind": Contract.EndKind.SERVICE_ENDED.value,
    }
    for request in given_up.select_for_update():
        replaced: dict[str, Any] = request.replaced or {}
        before = replaced.get("end")
        ends_later = before is None or before["ends_on"] > end["ends_on"]
        if ends_later and (product or ends_contract(request.kind)):
            request.replaced = {**replaced, "end": end}
            request.save(update_fields=["replaced"])


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
