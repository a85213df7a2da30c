"""Requests that were sent as one change of a contract, and what becomes of those that go together."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from contracts.correspondence import contract_mails as mail
from contracts.correspondence import letters
from contracts.models import ContractRequest, IssuedLetter
from contracts.requests.kind import Context, settled_on
from contracts.requests.registry import kind_of
from contracts.rules.calendar.period import japan_date
from contracts.wording.products import product_line
from contracts.wording.reasons import WENT_TOGETHER
from portal.audit.record import record
from portal.organisations.models import User

Status = ContractRequest.Status


def companions(request: ContractRequest) -> QuerySet[ContractRequest]:
    """The other requests that were sent with one, in the order in which they can be carried out."""
    others = ContractRequest.objects.filter(sent_together=request.sent_together).exclude(pk=request.pk)
    return others.order_by("pk") if request.sent_together else others.none()


@dataclass(frozen=True)
class Companion:
    """A request that was sent with another one, and the name of its product."""

    request: ContractRequest
    product: str


def shown_companions(request: ContractRequest) -> list[Companion]:
    """What was sent with a request, as pages list it beside what is asked for."""
    policy = request.governing_version.policy
    return [Companion(one, product_line(policy, one.product, 0).name) for one in companions(request)]


def bound(request: ContractRequest) -> list[ContractRequest]:
    """The open requests that are accepted together with one or not at all, locked; none for others."""
    if not request.all_or_nothing:
        return []
    return list(companions(request).select_for_update().filter(status__in=ContractRequest.OPEN))


def let_fall(request: ContractRequest, because: ContractRequest, by: User, at: datetime) -> None:
    """End an open request because of one that it goes together with: that was refused, or withdrawn.

    What took effect with its receipt is put back; where its last day of use has passed, it stays as it is.
    Runs inside the transaction of what happened to the other one, under the lock of their contract.
    """
    request.contract = because.contract
    context = Context(at=at, actor=by)
    if request.counts_by_itself:
        last_day = settled_on(request)
        if last_day and japan_date(at) > last_day:
            return
        kind_of(request.kind).put_back(request, context)
    if because.status == Status.WITHDRAWN or request.counts_by_itself:
        request.status, request.withdrawn_at = Status.WITHDRAWN, at
    else:
        request.status, request.refusal_reason = Status.REFUSED, WENT_TOGETHER
        request.decided_at, request.decided_by, request.decided_for = at, by, because.decided_for
    request.save()
    if request.status == Status.REFUSED:
        letters.on_request(request, IssuedLetter.Kind.REFUSAL, at)
        mail.request_decided(request.pk)
    else:
        mail.request_withdrawn(request.pk)
    record(
        "request.fell",
        by,
        request.contract,
        number=request.number,
        because=because.number,
        was=because.status,
        at=at,
    )
