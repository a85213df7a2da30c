"""The kind of proposal that says where a provider lets one person decide."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from contracts.models import Provider
from contracts.rules.policy.base import Strict
from contracts.wording.formats import yen_text
from portal.approvals.kinds import Kind, Line, Subject, kinds
from portal.approvals.models import Proposal, ProviderRule
from portal.approvals.rules import RULE, set_rule
from portal.approvals.second_person import rule_of
from portal.organisations.independence import MANAGES, is_only_manager
from portal.organisations.models import User
from portal.staffing.reach import within


class RuleData(Strict):
    """`amounts` by the keys of kinds; one that is left out is 0: a second person is always needed."""

    provider: str
    alone: bool
    amounts: dict[str, Annotated[int, Field(ge=0)]] = {}
    reason: str


@dataclass(frozen=True)
class Lone:
    """A provider that lets one person decide, and who switched that."""

    provider: Provider
    rule: ProviderRule


def lone_providers(staff: User) -> list[Lone]:
    """Of the providers that somebody works for those that let one person decide in everything."""
    rules = {
        rule.provider: rule for rule in ProviderRule.objects.filter(alone=True).select_related("switched_by")
    }
    providers = within(staff, Provider.objects.filter(code__in=rules))
    return [Lone(provider, rules[provider.code]) for provider in providers]


def amount_of(key: str) -> str:
    """The name of the form's field for the amount of a kind."""
    return f"amount_{key}"


def _subject(wanted: RuleData) -> Subject:
    provider = Provider.objects.get(code=wanted.provider)
    return Subject(about=provider, name=provider.name, provider=provider.code)


def _lines(wanted: RuleData) -> Iterator[Line]:
    now = rule_of(wanted.provider)
    yield Line(gettext("One person decides on everything"), _yes_or_no(now.alone), _yes_or_no(wanted.alone))
    for kind in kinds():
        if kind.has_amount:
            before, after = now.amounts.get(kind.key, 0), wanted.amounts.get(kind.key, 0)
            label = gettext("%(kind)s: one person decides up to") % {"kind": kind.label}
            yield Line(label, yen_text(before), yen_text(after))
    yield Line(gettext("Reason"), now.reason, wanted.reason)


def _yes_or_no(value: bool) -> str:
    return gettext("Yes") if value else gettext("No")


def _carry_out(wanted: RuleData, approval: Proposal, at: datetime) -> str:
    set_rule(
        wanted.provider,
        wanted.alone,
        wanted.amounts,
        wanted.reason,
        approval.proposed_by,
        at,
        approval=approval,
    )
    return gettext("Stored.")


def _spared(wanted: RuleData, amount: int, staff: User) -> Proposal.Without | None:
    """Where there is one manager alone, nobody else could agree."""
    return Proposal.Without.SOLE if is_only_manager(staff, timezone.now()) else None


SECOND_PERSON = Kind(
    key=RULE,
    label=_("Where one person decides"),
    data=RuleData,
    right=MANAGES,
    subject=_subject,
    lines=_lines,
    carry_out=_carry_out,
    form=lambda wanted: reverse(
        "admin:contracts_provider_second_person", args=[Provider.objects.get(code=wanted.provider).pk]
    ),
    entered=lambda wanted: {
        "alone": wanted.alone,
        "reason": wanted.reason,
        **{amount_of(key): amount for key, amount in wanted.amounts.items()},
    },
    spared=_spared,
)
