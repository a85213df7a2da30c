"""What becomes of each thing that names an organisation when that one is united into another.

Nothing frozen is touched: it states what it stated, and those who look it up ask for all that are one now
(`Organisation.as_one`). A test holds that no model is forgotten.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from portal.organisations.members.giving import give, given_by
from portal.organisations.members.rights import Given
from portal.organisations.models import Membership, Organisation
from portal.search.indexing import forget, index
from portal.uniting.money import unite_balances, unite_mandates

Carry = Callable[[Organisation, Organisation, datetime], object]
Key = Callable[[Any], Hashable]


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A field of a model that names an organisation, and what becomes of its rows, in words (`becomes`).

    `carry` lets them go on with the one that stays: it is given that one, the other, and the moment. Without
    it they stay as they are. `grows` says that there are more of them by the proposal itself, so that their
    number is no part of what is approved.
    """

    label: str
    field: str = "organisation"
    becomes: Any
    carry: Carry | None = None
    grows: bool = False

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.label)

    def of(self, organisation: Organisation) -> QuerySet[Any]:
        """The rows that name an organisation."""
        found: QuerySet[Any] = self.model._base_manager.filter(**{self.field: organisation})
        return found


def _moves(label: str, field: str = "organisation", **only: Any) -> Relation:
    """Rows that name the one that stays from then on; with `only`, those to which that applies."""

    def carry(kept: Organisation, united: Organisation, at: datetime) -> None:
        apps.get_model(label)._base_manager.filter(**{field: united}, **only).update(**{field: kept})

    return Relation(label=label, field=field, becomes=_("Goes on with the one that stays"), carry=carry)


def _moves_once(label: str, key: Key, *, doubles_go: bool) -> Relation:
    """The same for rows of which an organisation has one for each `key`, where that is not None.

    Of what the one that stays has already, the double goes, or stays where it is.
    """

    def carry(kept: Organisation, united: Organisation, at: datetime) -> None:
        rows = apps.get_model(label)._base_manager
        there = {key(row) for row in rows.filter(organisation=kept)} - {None}
        for row in rows.filter(organisation=united).order_by("pk"):
            if key(row) not in there:
                rows.filter(pk=row.pk).update(organisation=kept)
            elif doubles_go:
                row.delete()

    becomes = (
        _("Goes on with the one that stays; doubles go")
        if doubles_go
        else _("Goes on with the one that stays; doubles stay as they are")
    )
    return Relation(label=label, becomes=becomes, carry=carry)


def _stays(label: str, field: str = "organisation") -> Relation:
    """What states what was so, and is shown with the one that stays."""
    return Relation(
        label=label, field=field, becomes=_("Stays as it is, and is shown with the one that stays")
    )


def _let_in(kept: Organisation, united: Organisation, at: datetime) -> None:
    """Members of both keep the membership in the one that stays, with what they were given in either."""
    there = {one.user_id: one for one in Membership.objects.filter(organisation=kept)}
    for membership in Membership.objects.filter(organisation=united).order_by("pk"):
        own = there.get(membership.user_id)
        if own is None:
            membership.organisation = kept
            membership.save(update_fields=["organisation"])
            index(membership)
            continue
        give(own, _given_by_both(own, membership))
        forget([membership])
        membership.delete()


def _given_by_both(one: Membership, other: Membership) -> Given:
    if one.is_owner or other.is_owner:
        return Given(role=Membership.Role.OWNER)
    limits = [given_by(each).limited_to for each in (one, other)]
    return Given(
        handles_contracts=one.handles_contracts or other.handles_contracts,
        handles_billing=one.handles_billing or other.handles_billing,
        handles_sales=one.handles_sales or other.handles_sales,
        limited_to=None if None in limits else {pk for limit in limits for pk in limit or ()},
    )


RELATIONS: tuple[Relation, ...] = (
    Relation(
        label="organisations.Membership",
        becomes=_("Act for the one that stays; who owned either owns it"),
        carry=_let_in,
    ),
    _moves("contracts.Contract"),
    _moves("contracts.ContractParty"),
    _moves("contracts.Application"),
    _moves("contracts.SalesAgent"),
    _moves_once("contracts.ApplicationDraft", lambda one: (one.service_id, one.person_id), doubles_go=False),
    _moves("contracts.ContractDocument"),
    _moves("contracts.CustomerNote"),
    _moves("contracts.Inquiry"),
    _moves_once(
        "contracts.NoticeDelivery",
        lambda one: (one.notice_id, one.channel, one.person_id or one.address),
        doubles_go=False,
    ),
    _stays("contracts.IssuedLetter"),
    _stays("contracts.Consent"),
    _stays("billing.Invoice"),
    _moves("billing.Invoice", "debtor"),
    _stays("billing.PassedClaim", "from_organisation"),
    _stays("billing.PassedClaim", "to_organisation"),
    _stays("billing.Payment", "debtor"),
    Relation(
        label="billing.CreditBalance",
        becomes=_("What is left is booked over to the one that stays"),
        carry=unite_balances,
    ),
    Relation(
        label="billing.DebitMandate",
        becomes=_(
            "Goes on with the one that stays; where that has one with the same provider, the other ends"
        ),
        carry=unite_mandates,
    ),
    _moves_once("billing.PayerName", lambda one: one.name, doubles_go=True),
    _moves_once(
        "billing.StatementOfAccount",
        lambda one: None if one.drawn_at else (one.provider_id, one.from_day, one.to_day),
        doubles_go=True,
    ),
    _moves("billing.SetOffDeclaration"),
    _moves("billing.OutageClaim"),
    _stays("billing.Reminder"),
    _stays("billing.SetOff"),
    _stays("billing.DepositLetter"),
    replace(_moves("outbox.Mail"), grows=True),
    replace(_moves("search.SearchEntry"), grows=True),
    replace(_moves("approvals.Proposal", state="waits"), grows=True),
    replace(_stays("audit.AuditEntry"), grows=True),
    _stays("organisations.ComingDetails"),
    _moves_once(
        "organisations.JoinRequest",
        lambda one: None if one.answered_at else one.person_id,
        doubles_go=True,
    ),
    _moves_once(
        "organisations.NotificationPreference", lambda one: (one.person_id, one.topic), doubles_go=True
    ),
    _moves_once(
        "organisations.Invitation",
        lambda one: None if one.accepted_at or one.withdrawn_at else one.email.lower(),
        doubles_go=True,
    ),
    _moves("data_protection.DataCopy"),
    _stays("data_protection.Erasure"),
    _stays("staffing.CustomerView"),
    _moves("organisations.Organisation", "united_into"),
)
