"""What members of an organisation may do, and on which of its contracts."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Seen = TypeVar("Seen", bound="models.QuerySet[Any]")


class Right(models.TextChoices):
    """What a page or an operation needs. Every member reads; an owner may do all."""

    READ = "read", _("Reading only")
    CONTRACTS = "contracts", pgettext_lazy("role of a member", "Contracts")
    BILLING = "billing", pgettext_lazy("role of a member", "Billing")
    SALES = "sales", pgettext_lazy("role of a member", "Work as a sales agent")
    OWN = "own", _("Owner")


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    MEMBER = "member", _("Member")


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a member is given. An owner may do all, so the rest says nothing of one.

    `limited_to` are the primary keys of the only contracts that it holds for; None for all.
    """

    role: str = Role.MEMBER
    handles_contracts: bool = False
    handles_billing: bool = False
    handles_sales: bool = False
    limited_to: Collection[int] | None = None


class Entitled(models.Model):
    """Who may do something for an organisation: a member, or who was invited to be one.

    Who is limited sees `contracts` alone, with what belongs to them, and acts on these alone: neither on
    others, nor for the organisation as a whole, as an application for a new contract is. `handles_sales` is
    for an organisation that is a sales agent: what the member does for the agent's customers.
    """

    Role = Role

    role = models.CharField(_("Role"), max_length=10, choices=Role.choices)
    handles_contracts = models.BooleanField(Right.CONTRACTS.label, default=False)
    handles_billing = models.BooleanField(Right.BILLING.label, default=False)
    handles_sales = models.BooleanField(Right.SALES.label, default=False)
    is_limited = models.BooleanField(_("Only certain contracts"), default=False)
    contracts = models.ManyToManyField(
        "contracts.Contract", blank=True, related_name="+", verbose_name=_("Contracts")
    )

    only: "models.QuerySet[Any] | None" = None
    """The contracts that who is limited sees, where that is nobody stored."""

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(role__in=["owner", "member"]), name="%(class)s_role_known"),
            models.CheckConstraint(
                condition=Q(role="member")
                | Q(handles_contracts=False, handles_billing=False, handles_sales=False, is_limited=False),
                name="%(class)s_owner_may_do_all",
                violation_error_message=_(
                    "An owner may do everything, for all contracts. Choose no further right and no limit."
                ),
            ),
        ]

    @property
    def seen_contracts(self) -> "models.QuerySet[Any]":
        """The contracts that who is limited sees."""
        return self.contracts.all() if self.only is None else self.only

    @property
    def is_owner(self) -> bool:
        return self.role == Role.OWNER

    @property
    def rights(self) -> list[Right]:
        """What was given, as people read it: the owner's role alone, or each right, or reading."""
        if self.is_owner:
            return [Right.OWN]
        given = {
            Right.CONTRACTS: self.handles_contracts,
            Right.BILLING: self.handles_billing,
            Right.SALES: self.handles_sales,
        }
        return [right for right, has in given.items() if has] or [Right.READ]

    def may(self, right: Right) -> bool:
        """Whether a right is among what was given, whatever the contract."""
        return right == Right.READ or self.is_owner or right in self.rights

    def may_on(self, right: Right, *contracts: int) -> bool:
        """Whether somebody may do something on each of these contracts, by primary key.

        Without one it is about the organisation as a whole, for which who is limited may only read.
        """
        if not self.may(right):
            return False
        if not self.is_limited or (right == Right.READ and not contracts):
            return True
        seen = self.seen_contracts.filter(pk__in=contracts)
        return bool(contracts) and seen.count() == len(set(contracts))

    def sees(self, contract: int | None) -> bool:
        """Whether somebody sees what belongs to a contract (None: to none, but to the organisation)."""
        return not self.is_limited or (
            contract is not None and self.seen_contracts.filter(pk=contract).exists()
        )

    def seen_of(self, found: Seen, contract: str) -> Seen:
        """Those whose contract, at the end of the path `contract`, somebody sees."""
        return found.filter(**{f"{contract}__in": self.seen_contracts}) if self.is_limited else found

    def stated(self) -> dict[str, Any]:
        """What was given, for the audit trail; `limited_to` is empty where it holds for all contracts."""
        limited_to = self.contracts.values_list("pk", flat=True) if self.is_limited else ()
        return {"rights": [right.value for right in self.rights], "limited_to": sorted(limited_to)}
