"""Sales agents (販売代理店), the rules by which they sell, and of which contracts they are the agent."""

import hashlib
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models.fields import in_current_language
from contracts.rules.policy.layer import Layer
from contracts.terms.markdown import parse
from contracts.terms.tree import Terms
from portal.frozen import NeverChanges, NeverDeleted


class SalesAgent(models.Model):
    """Who sells a service beside its provider, or in its place; the first of a service answers by default.

    `organisation` is the account of those who act for it, once there is one. `issuer` is how a counterparty
    issues invoices to the customers whose contracts name it; who only brings or collects has none.
    """

    class Role(models.TextChoices):
        COUNTERPARTY = "counterparty", _("Counterparty of the customer")
        INTERMEDIARY = "intermediary", _("Brings the contract only")
        COLLECTION = "collection", _("Collects the fees only")

    service = models.ForeignKey("Service", models.PROTECT, related_name="agents", verbose_name=_("service"))
    key = models.SlugField(_("Key"), max_length=40)
    names = models.JSONField(_("Names"))
    role = models.CharField(_("Role"), max_length=12, choices=Role.choices, default=Role.COUNTERPARTY)
    position = models.PositiveSmallIntegerField(_("Place among the agents"))
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sales_agents",
        verbose_name=_("organisation"),
    )
    issuer = models.ForeignKey(
        "Provider",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="sells_as",
        verbose_name=_("issuer of its invoices"),
    )

    class Meta:
        verbose_name = _("sales agent")
        verbose_name_plural = _("sales agents")
        ordering = ["service", "position"]
        constraints = [
            models.UniqueConstraint(fields=["service", "key"], name="sales_agent_key_once"),
            models.UniqueConstraint(fields=["service", "position"], name="sales_agent_place_once"),
            models.CheckConstraint(
                condition=models.Q(issuer__isnull=True) | models.Q(role="counterparty"),
                name="sales_agent_issues_as_counterparty",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_current_language(self.names)

    @property
    def is_counterparty(self) -> bool:
        """Whether customers contract with it, and owe it what is charged; else they do with the provider."""
        return self.role == self.Role.COUNTERPARTY

    @property
    def binds_customers(self) -> bool:
        """Whether there are contracts of which it is the agent, or was: what it publishes binds customers."""
        named = self.contracts.exists() or self.applications.filter(contract__isnull=False).exists()
        return named or (self == self.service.first_agent and self.service.binds_customers)

    def rules_on(self, day: date) -> "AgentRules | None":
        """The rules by which it sells on a day, before the first ones those; None where it has none.

        For many agents, prefetch `rules`.
        """
        models.prefetch_related_objects([self], "rules")
        rules = list(self.rules.all())
        begun = [one for one in rules if one.effective_on <= day]
        return begun[-1] if begun else next(iter(rules), None)

    def layer_on(self, day: date) -> Layer | None:
        """Its rules of a day, as the rules of a contract know them."""
        rules = self.rules_on(day)
        return rules.layer if rules else None


class AgentRules(models.Model):
    """One version of an agent's rules (規定): text and rules together, published and never changed."""

    agent = models.ForeignKey(SalesAgent, models.PROTECT, related_name="rules", verbose_name=_("sales agent"))
    version = models.CharField(_("Version"), max_length=40)
    title = models.CharField(_("Title"), max_length=200)
    effective_on = models.DateField(_("Effective date"))
    text = models.TextField(_("Text"), help_text=_("Markdown"))
    source = models.TextField(_("Rules"), help_text=_("TOML"))
    content_hash = models.CharField(_("Content hash"), max_length=64, editable=False)
    published_at = models.DateTimeField(_("Published at"))

    class Meta:
        verbose_name = _("rules of a sales agent")
        verbose_name_plural = _("rules of sales agents")
        ordering = ["agent", "effective_on"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "version"], name="agent_rules_version_once"),
            models.UniqueConstraint(fields=["agent", "effective_on"], name="agent_rules_day_once"),
            NeverChanges(name="contracts_agentrules_stays", says="published rules of an agent never change"),
            NeverDeleted(
                name="contracts_agentrules_is_kept", says="published rules of an agent are never deleted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.content_hash = hashlib.sha256(f"{self.text}\0{self.source}".encode()).hexdigest()
        super().save(*args, **kwargs)

    @property
    def layer(self) -> Layer:
        return Layer(
            "agent",
            self.title,
            self.effective_on,
            self.source,
            version=self.version,
            text=self.text,
            seller=self.agent.key,
        )

    @property
    def terms(self) -> Terms:
        """The text as a tree."""
        return parse(self.text)


class ContractAgent(models.Model):
    """Who is the agent of a contract from a day on. Before the first row it is the application's."""

    contract = models.ForeignKey(
        "Contract", models.PROTECT, related_name="agents", verbose_name=_("contract")
    )
    agent = models.ForeignKey(
        SalesAgent, models.PROTECT, related_name="contracts", verbose_name=_("sales agent")
    )
    starts_on = models.DateField(_("Starts on"))

    class Meta:
        verbose_name = _("agent of a contract")
        verbose_name_plural = _("agents of contracts")
        ordering = ["contract", "starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "starts_on"], name="contract_agent_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.contract} {self.agent}"
