"""Contracts as dated facts: what holds on a day is a question to the dates."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contracts.models.fields import PaymentMethod
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.life.formation import Formation, FormationFacts
from contracts.rules.policy.particulars import OF_THE_CUSTOMER
from contracts.rules.stored import read
from portal.organisations.models import Membership, Organisation

if TYPE_CHECKING:
    from contracts.models.agents import ContractAgent, SalesAgent
    from contracts.models.service import Provider
    from contracts.models.terms import TermsVersion
    from contracts.rules.policy.layer import Layer


class ContractQuerySet(models.QuerySet["Contract"]):
    def standing(self) -> Self:
        """All but those whose bringing in from an old system was annulled."""
        return self.filter(annulled_at__isnull=True)

    def charged_in(self, month: Month) -> Self:
        """Contracts that are charged for at least one day of a month."""
        return self.filter(billed_from_on__lte=month.last).filter(
            Q(billed_through_on__isnull=True) | Q(billed_through_on__gte=month.first)
        )

    def shown_to(self, membership: Membership) -> Self:
        """Those of a member's organisation that the member sees."""
        return membership.seen_of(self.filter(organisation=membership.organisation_id), "pk")

    def formerly_of(self, organisation: Organisation) -> Self:
        """Contracts in which somebody else took an organisation's place (succession)."""
        had = Q(application__organisation=organisation) | Q(parties__organisation=organisation)
        return self.filter(had, parties__isnull=False).exclude(organisation=organisation).distinct()

    def formerly_shown_to(self, membership: Membership) -> Self:
        """Those that a member's organisation had once, as far as the member sees them."""
        return membership.seen_of(self.formerly_of(membership.organisation), "pk")

    def running_on(self, day: date) -> Self:
        """Contracts whose service can be used on a day."""
        return self.filter(service_starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))


_Contracts = models.Manager.from_queryset(ContractQuerySet)


class StandingContracts(_Contracts["Contract"]):
    """Contracts as everybody knows them; what was annulled is shown to staff (`Contract.everything`)."""

    def get_queryset(self) -> ContractQuerySet:
        return ContractQuerySet(self.model, using=self._db).standing()


class Contract(models.Model):
    """A contract of an organisation for a service.

    The first block of dates are facts as they happened; the second follows from them by the policy.
    One that was brought in from an old system by mistake is `annulled_at` a moment: no billing, deadline or
    list for customers knows it any more.
    """

    class State(models.TextChoices):
        FORMING = "forming", _("Being set up")
        RUNNING = "running", _("Running")
        CHANGING = "changing", _("Change coming")
        SUSPENDED = "suspended", _("Suspended")
        PAUSED = "paused", _("Paused")
        INTERRUPTED = "interrupted", _("Interrupted")
        ENDING = "ending", _("Ending")
        ENDED = "ended", _("Ended")

    class EndKind(models.TextChoices):
        CANCELLED = "cancelled", _("Cancelled by the customer")
        NOT_RENEWED = "not_renewed", _("Not renewed")
        NOT_RENEWED_BY_PROVIDER = "provider_end", _("Not renewed by the provider")
        TERMINATED = "terminated", _("Terminated by the provider")
        SERVICE_ENDED = "service_end", _("End of the service")
        WITHDRAWN = "withdrawn", _("Application withdrawn")
        REFUSED = "refused", _("Application refused")

    number = models.CharField(_("Contract number"), max_length=20, unique=True)
    service = models.ForeignKey(
        "Service", models.PROTECT, related_name="contracts", verbose_name=_("service")
    )
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        related_name="contracts",
        verbose_name=_("organisation"),
    )
    application = models.OneToOneField(
        "Application", models.PROTECT, related_name="contract", verbose_name=_("application")
    )
    contracted_version = models.ForeignKey(
        "TermsVersion",
        models.PROTECT,
        related_name="+",
        verbose_name=_("terms version at formation"),
    )
    payment_method = models.CharField(_("Payment method"), max_length=10, choices=PaymentMethod.choices)

    applied_at = models.DateTimeField(_("Applied at"))
    accepted_at = models.DateTimeField(_("Accepted at"), null=True, blank=True)
    acceptance_sent_at = models.DateTimeField(_("Acceptance sent at"), null=True, blank=True)
    registered_at = models.DateTimeField(_("Registered at"), null=True, blank=True)
    activation_start_on = models.DateField(_("Start in the activation notice"), null=True, blank=True)
    wanted_start_on = models.DateField(_("Wanted start"), null=True, blank=True)

    formed_on = models.DateField(_("Formed on"), null=True, blank=True)
    service_starts_on = models.DateField(_("Service starts on"), null=True, blank=True)
    billed_from_on = models.DateField(_("Billed from"), null=True, blank=True)
    formation = models.JSONField(_("Decision on the formation"), default=dict)

    ends_on = models.DateField(_("Ends on"), null=True, blank=True)
    billed_through_on = models.DateField(_("Billed through"), null=True, blank=True)
    end_kind = models.CharField(_("Kind of end"), max_length=12, choices=EndKind.choices, blank=True)

    annulled_at = models.DateTimeField(_("Annulled at"), null=True, blank=True, editable=False)

    objects = StandingContracts()
    everything = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["number"]
        indexes = [
            models.Index(fields=["service", "billed_from_on", "billed_through_on"], name="contract_charged")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | ~Q(end_kind=""), name="contract_end_has_kind"
            ),
            models.CheckConstraint(
                condition=Q(billed_through_on__isnull=True)
                | Q(billed_from_on__isnull=True)
                | Q(billed_through_on__gte=F("billed_from_on")),
                name="contract_billed_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def facts(self) -> FormationFacts:
        """What has happened so far on the way to the contract."""
        return FormationFacts(
            applied_at=self.applied_at,
            accepted_at=self.accepted_at,
            acceptance_sent_at=self.acceptance_sent_at,
            registered_at=self.registered_at,
            activation_start_on=self.activation_start_on,
            wanted_start_on=self.wanted_start_on,
        )

    @property
    def decided_formation(self) -> Formation | None:
        """The decision on the formation; None before the first."""
        return read(self.formation, Formation)

    def layered(
        self, version: "TermsVersion", day: date, agreements: "tuple[Layer, ...] | None" = None
    ) -> "TermsVersion":
        """A version as it governs the contract on a day: with its agent's rules and individual agreements.

        `agreements` stand for those that hold then. For lists, ask a `Rulebooks`.
        """
        agent = self.agent_on(day) if version.takes_agents else None
        if not version.takes_agreements:
            return version.sold_by(agent, day)
        return version.sold_by(agent, day, self.agreed_on(day) if agreements is None else agreements)

    def agent_on(self, day: date) -> "SalesAgent | None":
        """Its agent on a day; None: the service's first one. For several days, prefetch `agents__agent`."""
        return agent_on(self.application.agent, list(self.agents.all()) if self.pk else [], day)

    def issuer_on(self, day: date) -> "Provider":
        """Who issues what is charged for a day, and is owed it; for many contracts, ask a `Rulebooks`.

        That is the sales agent that the contract names, where customers contract with it (契約元); else the
        provider, which is the counterparty of contracts that name no agent.
        """
        return issuer_of(self.agent_on(day), self)

    def agreed_on(self, day: date) -> "tuple[Layer, ...]":
        """What was agreed individually and holds on a day."""
        made = self.agreements.all() if self.pk else ()
        return tuple(one.layer for one in made if one.holds_on(day))

    @property
    def formation_version(self) -> "TermsVersion":
        """By what the contract is formed and begins: its version, as read and agreed by the latest fact."""
        moments = (self.applied_at, self.accepted_at, self.acceptance_sent_at, self.registered_at)
        latest_on = japan_date(max(at for at in moments if at))
        return self.layered(self.contracted_version.read_on(latest_on), latest_on)

    def state_on(self, day: date) -> "Contract.State":
        """What can be said of the contract on a day. For lists, prefetch `items` and `suspensions`."""
        if self.ends_on and self.ends_on < day:
            return self.State.ENDED
        if self.service_starts_on is None or self.service_starts_on > day:
            return self.State.ENDED if self.end_kind == self.EndKind.REFUSED else self.State.FORMING
        for stop in self.suspensions.all():
            if stop.covers(day) and not stop.product:
                return stop.state
        if self.ends_on:
            return self.State.ENDING
        if any(item.changes_after(day) for item in self.items.all()):
            return self.State.CHANGING
        return self.State.RUNNING

    def particulars_on(self, day: date) -> dict[str, str]:
        """What the customer stated, as it is on a day.

        For several days, prefetch `particulars` and `parties`. What a customer reported of itself, such as
        its name, ends when another takes its place.
        """
        stated = dict(self.application.particulars)
        if reported := [found for found in self.particulars.all() if found.starts_on <= day]:
            taken_over = [party.starts_on for party in self.parties.all() if party.starts_on <= day]
            since = max(taken_over, default=date.min)
            for particular in reported:
                if particular.key not in OF_THE_CUSTOMER or particular.starts_on >= since:
                    stated[particular.key] = particular.value
        return {key: value for key, value in stated.items() if value}

    def name_on(self, day: date) -> str:
        """The customer's name on the contract on a day."""
        return self.particulars_on(day).get("name") or self.party_on(day).name

    def party_on(self, day: date) -> Organisation:
        """Who is the customer on a day: the applicant, or who took its place by then.

        For several days, prefetch `parties`.
        """
        parties = list(self.parties.all())
        if not parties:
            return self.organisation
        taken_over = [party for party in parties if party.starts_on <= day]
        return taken_over[-1].organisation if taken_over else self.application.organisation

    def items_on(self, day: date) -> dict[str, int]:
        """Quantities that can be used on a day, by product key."""
        return _summed(item for item in self.items.all() if item.in_use_on(day))

    def items_charged_in(self, month: Month) -> dict[str, int]:
        """Quantities that are charged for a month, by product key."""
        return _summed(item for item in self.items.all() if item.charged_in(month))


class ContractItem(models.Model):
    """A quantity of a product within a contract, with its days of use and of charging.

    A one-time product is charged in the month of `billed_from_on` alone. A change of quantity closes
    one row and opens the next.
    """

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="items")
    product = models.SlugField(_("Product"))
    quantity = models.PositiveIntegerField(_("Quantity"))
    starts_on = models.DateField(_("Starts on"))
    ends_on = models.DateField(_("Ends on"), null=True, blank=True)
    billed_from_on = models.DateField(_("Billed from"))
    billed_through_on = models.DateField(_("Billed through"), null=True, blank=True)

    class Meta:
        verbose_name = _("contracted product")
        verbose_name_plural = _("contracted products")
        ordering = ["contract", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="contract_item_positive"),
            models.UniqueConstraint(
                fields=["contract", "product"],
                condition=Q(ends_on__isnull=True),
                name="contract_item_open_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="contract_item_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} × {self.quantity}"

    def in_use_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)

    def charged_in(self, month: Month) -> bool:
        return self.billed_from_on <= month.last and (
            self.billed_through_on is None or self.billed_through_on >= month.first
        )

    def changes_after(self, day: date) -> bool:
        """Whether the row still begins or ends; one of a single day (a one-time product) is no change."""
        if self.ends_on == self.starts_on:
            return False
        return self.starts_on > day or (self.ends_on is not None and self.ends_on >= day)


def _summed(items: Iterable[ContractItem]) -> dict[str, int]:
    quantities: dict[str, int] = {}
    for item in items:
        quantities[item.product] = quantities.get(item.product, 0) + item.quantity
    return quantities


def agent_on(
    applied_with: "SalesAgent | None", rows: "Sequence[ContractAgent]", day: date
) -> "SalesAgent | None":
    """Who is the agent of a contract on a day, by its application and its later agents in their order.

    None: the service's first agent.
    """
    begun = [row.agent for row in rows if row.starts_on <= day]
    return begun[-1] if begun else applied_with


def issuer_of(agent: "SalesAgent | None", contract: Contract) -> "Provider":
    """Who issues to a customer whose contract names an agent, or none."""
    return (agent and agent.issuer) or contract.service.provider
