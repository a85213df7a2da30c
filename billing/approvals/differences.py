"""Waiving differences between what is owed and what was charged, as proposals to a second person."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing.approvals.amounts import AmountKind, month_begins, small
from billing.differences.deciding import WAIVER as WAIVER_KEY
from billing.differences.deciding import accept_differences, waivable, waive_differences
from billing.invoicing.returns import RETURN
from billing.models import ChargeDifference
from billing.models.difference import ChargeDifferenceQuerySet
from billing.runs.corrections import names_of
from contracts.models import Contract
from contracts.models.fields import in_current_language
from contracts.rules.policy.base import Strict
from contracts.wording.formats import yen_text
from portal.approvals.kinds import Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.approvals.second_person import rule_of
from portal.organisations.models import User

_SHOWN = 50


class DifferencesData(Strict):
    """Differences of one provider, by their keys, that are waived, and others that are accepted with them."""

    waived: list[int]
    accepted: list[int] = []
    reason: str


def _rows(keys: Sequence[int]) -> ChargeDifferenceQuerySet:
    rows = ChargeDifference.objects.filter(pk__in=keys).order_by("contract__number", "month", "product")
    return rows.select_related("contract__organisation", "contract__contracted_version")


def _waiting(wanted: DifferencesData) -> list[ChargeDifference]:
    """What is to be waived; OvertakenError where any of it changed or was decided meanwhile."""
    rows = list(waivable(_rows(wanted.waived)))
    if len(rows) != len(set(wanted.waived)):
        text = gettext("Some of these differences changed, or were decided or settled meanwhile.")
        raise OvertakenError(text)
    return rows


def _subject(wanted: DifferencesData) -> Subject:
    rows = _waiting(wanted)
    first = rows[0].contract
    others = len({one.contract_id for one in rows}) - 1
    more = ngettext("and %(count)s other contract", "and %(count)s other contracts", others)
    name = f"{first.number} {first.organisation.name}"
    return Subject(
        about=rows[0],
        name=f"{name} {more % {'count': others}}" if others else name,
        provider=first.service.provider.code,
        organisation=None if others else first.organisation,
    )


def _lines(wanted: DifferencesData) -> Iterator[Line]:
    rows, waived = _waiting(wanted), gettext("Neither charged nor returned")
    for one in rows[:_SHOWN]:
        product = in_current_language(names_of(one.contract, one.product))
        label = f"{one.contract.number} {one.month:%Y-%m} {product}"
        yield Line(label, yen_text(one.amount), waived)
    if len(rows) > _SHOWN:
        every = repr([(one.pk, one.amount) for one in rows]).encode()
        yield Line(gettext("Hash of all"), "", hashlib.sha256(every).hexdigest())
    more, less = _sums(rows)
    yield Line(gettext("Waived: to the customer's disadvantage"), yen_text(more), waived)
    yield Line(gettext("Waived: to the customer's advantage"), yen_text(less), waived)
    if accepted := list(_rows(wanted.accepted)):
        total = yen_text(sum(one.amount for one in accepted))
        yield Line(gettext("Accepted: to the customer's advantage"), "", total)
    yield Line(gettext("Reason"), "", wanted.reason)


def _sums(rows: Sequence[ChargeDifference]) -> tuple[int, int]:
    """What is not charged, and what is not returned (below zero)."""
    amounts = [one.amount for one in rows]
    return sum(amount for amount in amounts if amount > 0), sum(amount for amount in amounts if amount < 0)


def _decide(wanted: DifferencesData, approval: Proposal, at: datetime) -> str:
    staff = approval.proposed_by
    count = accept_differences(_rows(wanted.accepted), wanted.reason, staff, at)
    waived = _waiting(wanted)
    count += waive_differences(waived, wanted.reason, staff, at, approval=approval)
    _ensure_still_small({one.contract_id for one in waived}, approval)
    text = ngettext("%(count)s difference is decided.", "%(count)s differences are decided.", count)
    return text % {"count": f"{count:,}"}


def _waived_before(contracts: Collection[int]) -> ChargeDifferenceQuerySet:
    """What was waived of contracts, by their primary keys, in the month."""
    waived = ChargeDifference.objects.waived()
    return waived.filter(contract__in=contracts, settled_at__gte=month_begins())


def _ensure_still_small(contracts: Collection[int], approval: Proposal) -> None:
    """Two waivers at once may each have looked small; with the contracts locked, both count."""
    if approval.without_second != Proposal.Without.SMALL:
        return
    list(Contract.objects.select_for_update().filter(pk__in=contracts).order_by("pk"))
    more, less = _sums(list(_waived_before(contracts)))
    if not small(more - less, rule_of(approval.provider).amounts.get(RETURN, 0)):
        text = gettext(
            "Another difference of these contracts was waived at the same moment. Please try again."
        )
        raise ValidationError(text, "small_together")


def _small(wanted: DifferencesData, limit: int, staff: User) -> Proposal.Without | None:
    """Both directions count in full, with all that was waived of the contracts in the month."""
    rows = _waiting(wanted)
    more, less = _sums([*rows, *_waived_before({one.contract_id for one in rows})])
    return small(more - less, limit)


DIFFERENCE_WAIVER = AmountKind(
    key=WAIVER_KEY,
    label=_("Waiver of differences"),
    data=DifferencesData,
    right="billing.change_chargedifference",
    subject=_subject,
    lines=_lines,
    carry_out=_decide,
    form=lambda wanted: reverse("admin:billing_chargedifference_changelist"),
    spared=_small,
)
