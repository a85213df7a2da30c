"""Versions of a service's terms: their text and their policy."""

import hashlib
from copy import copy
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.rules.decision import Decision
from contracts.rules.policy.base import Origin, rules_in
from contracts.rules.policy.law import act_of, law_on
from contracts.rules.policy.layer import Layer
from contracts.rules.policy.layers import layered_policy, read_text, takes_agents, takes_agreements
from contracts.rules.policy.schema import Policy
from contracts.terms.numbering import ArticleRef
from contracts.terms.tree import Terms
from portal.frozen import NeverChanges, NeverDeleted

if TYPE_CHECKING:
    from contracts.models.agents import AgentRules, SalesAgent
    from contracts.models.revision import PolicyRevision
    from contracts.models.service import Service


class TermsVersionQuerySet(models.QuerySet["TermsVersion"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def in_force(self, service: "Service", day: date) -> "TermsVersion | None":
        """The published version that governs a day, as it is read then; None before the first."""
        in_force = self.published().filter(service=service, effective_on__lte=day)
        version = in_force.order_by("-effective_on").first()
        return version.read_on(day) if version else None

    def announced(self, service: "Service", day: date) -> Self:
        """Published versions that take effect after a day, the next one first."""
        return self.published().filter(service=service, effective_on__gt=day).order_by("effective_on")

    def delete(self) -> tuple[int, dict[str, int]]:
        if self.published().exists():
            raise PermissionDenied("A published version of the terms is not deleted.")
        return super().delete()


class TermsVersion(models.Model):
    """One version of the 約款: text and policy together.

    Once published it never changes: `save` refuses, and so does a trigger in the database. Where its rules
    misread its text, a `PolicyRevision` beside it says since when they are read otherwise.
    """

    service = models.ForeignKey("Service", models.PROTECT, related_name="versions", verbose_name=_("service"))
    name = models.CharField(_("Version"), max_length=40)
    title = models.CharField(_("Title"), max_length=200)
    revised_on = models.DateField(_("Revision date"), null=True, blank=True)
    announced_on = models.DateField(_("Announcement date"), null=True, blank=True)
    # A draft may lack the day and the policy; the type says what holds for all that is published.
    effective_on: "models.DateField[date | None, date]" = models.DateField(  # type: ignore[misc]
        _("Effective date"), null=True, blank=True
    )
    text = models.TextField(_("Text"), help_text=_("Markdown"))
    policy_source = models.TextField(_("Policy"), blank=True, help_text=_("TOML"))
    content_hash = models.CharField(_("Content hash"), max_length=64, editable=False)
    published_at = models.DateTimeField(_("Published at"), null=True, blank=True, editable=False)
    brought_at = models.DateTimeField(_("Brought by the catalog at"), null=True, blank=True, editable=False)

    objects = TermsVersionQuerySet.as_manager()

    layers: tuple[Layer, ...] | None = None
    """The law, and what goes before the terms, for the one contract that this copy was made for; None: as the
    service's first agent sells it."""
    agent: "SalesAgent | None" = None
    """Who sells it by the contract that this copy was made for; None: the service's first agent, if any."""
    asked_on: date | None = None
    """The day whose law and agent's rules count for this copy; None: the version's first day."""
    revision: "PolicyRevision | None" = None
    """The corrected reading by which this copy answers; None: the rules as they were published."""

    class Meta:
        verbose_name = _("terms version")
        verbose_name_plural = _("terms versions")
        ordering = ["service", "-effective_on"]
        constraints = [
            models.UniqueConstraint(fields=["service", "name"], name="terms_version_name_once"),
            models.UniqueConstraint(fields=["service", "effective_on"], name="terms_version_day_once"),
            models.CheckConstraint(
                condition=models.Q(published_at__isnull=True) | models.Q(effective_on__isnull=False),
                name="terms_version_published_with_day",
            ),
            NeverChanges(
                name="contracts_termsversion_stays",
                when="OLD.published_at IS NOT NULL",
                says="a published version of the terms never changes",
            ),
            NeverDeleted(
                name="contracts_termsversion_is_kept",
                when="OLD.published_at IS NOT NULL",
                says="a published version of the terms is never deleted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_when_published()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_when_published()
        return super().delete(*args, **kwargs)

    def _refuse_when_published(self) -> None:
        if type(self).objects.published().filter(pk=self.pk).exists():
            raise PermissionDenied("A published version of the terms never changes; publish a new one.")

    @property
    def terms(self) -> Terms:
        return read_text(self.text)

    def layer_citing(self, key: str, origin: Origin | None = None) -> Layer | None:
        """The layer whose text has what a rule cites; None: it is of the terms, or of an act.

        `origin` is the layer that decided the rule: it can be of an agent by which this copy does not answer.
        """
        ref = ArticleRef.parse(key)
        if self.terms.has(ref) or act_of(key):
            return None
        layers = list(self.all_layers)
        if origin and origin.kind == "agent" and origin not in [one.origin for one in layers]:
            layers = [rules.layer for agent in self.service.agents.all() for rules in agent.rules.all()]
            layers.sort(key=lambda layer: layer.origin != origin)
        return next((one for one in layers if one.text and read_text(one.text).has(ref)), None)

    @property
    def texts(self) -> tuple[Terms, ...]:
        """Its text, and those of the other layers by which it answers."""
        return (self.terms, *(read_text(layer.text) for layer in self.all_layers if layer.text))

    @property
    def policy(self) -> Policy:
        """The rules by which this copy answers.

        Whoever decides on a day asks `read_on(day)` first, whoever looks at a decision `read_by`.
        """
        return _policy(self.rules_source, self.all_layers, self.revision_number)

    @property
    def all_layers(self) -> tuple[Layer, ...]:
        """The layers of rules beside the terms by which this copy answers, the lowest first."""
        if self.layers is not None:
            return self.layers
        return self.layers_below(None, self.asked_on or self.effective_on or date.max)

    @property
    def takes_agents(self) -> bool:
        """Whether the rules leave anything to an agent."""
        return takes_agents(self.rules_source)

    @property
    def sellers(self) -> "list[SalesAgent]":
        """The agents among whom customers choose; none where the rules leave nothing to agents."""
        return self.service.sellers if self.takes_agents else []

    @property
    def seller(self) -> "SalesAgent | None":
        """Whose rules complete it: the agent that it was made for, or the service's first one."""
        return (self.agent or self.service.first_agent) if self.takes_agents else None

    @property
    def seller_rules(self) -> "AgentRules | None":
        """The agent's rules that complete it."""
        origins = [layer for layer in self.all_layers if layer.kind == "agent"]
        return self.seller.rules_on(origins[0].effective_on) if self.seller and origins else None

    @property
    def takes_agreements(self) -> bool:
        """Whether the rules let individual agreements go before them."""
        return takes_agreements(self.rules_source)

    def layers_below(self, agent: "SalesAgent | None", day: date) -> tuple[Layer, ...]:
        """The law of a day, and the rules of an agent; None: of the service's first one."""
        agent = (agent or self.service.first_agent) if self.takes_agents else None
        sold_by = agent.layer_on(day) if agent else None
        return (law_on(day), sold_by) if sold_by else (law_on(day),)

    @property
    def rules_source(self) -> str:
        """The rules by which this copy answers, as they were written (TOML)."""
        return self.revision.policy_source if self.revision else self.policy_source

    @property
    def revision_number(self) -> int:
        """The number of the corrected reading by which this copy answers; 0: as published."""
        return (self.revision.number or 0) if self.revision else 0

    def read_on(self, day: date) -> "TermsVersion":
        """The version as it is read for decisions of a day: as published, or as it was corrected last.

        For several versions, prefetch `revisions`.
        """
        counting = [one for one in self.revisions.all() if one.counts_on(day)]
        read = self.with_revision(max(counting, key=lambda one: one.number or 0, default=None))
        if read.asked_on != day:
            read = copy(read)
            read.asked_on = day
        return read

    def read_by(self, decision: Decision | None) -> "TermsVersion":
        """The version by the reading that a decision rests on; as published without a decision."""
        return self.by_revision(decision.revision if decision else 0)

    def by_revision(self, number: int) -> "TermsVersion":
        """The version by the corrected reading of a number; 0: as it was published."""
        found = next(one for one in self.revisions.all() if one.number == number) if number else None
        return self.with_revision(found)

    def with_revision(self, revision: "PolicyRevision | None") -> "TermsVersion":
        """The version as it answers by a corrected reading of it; None: as it was published."""
        if revision == self.revision:
            return self
        read = copy(self)
        read.revision = revision
        return read

    def sold_by(
        self, agent: "SalesAgent | None", day: date, agreements: tuple[Layer, ...] = ()
    ) -> "TermsVersion":
        """The version as it governs one contract on a day: the same text, its policy with the other layers.

        Without an agent the service's first one counts.
        """
        return self._with_layers((*self.layers_below(agent, day), *agreements), agent)

    def with_agent_layer(self, layer: Layer) -> "TermsVersion":
        """The same with other rules of its agent."""
        kept = tuple(layer if one.kind == "agent" else one for one in self.all_layers)
        return self._with_layers(kept, self.agent)

    def _with_layers(self, layers: tuple[Layer, ...], agent: "SalesAgent | None") -> "TermsVersion":
        layered = copy(self)
        layered.layers, layered.agent = layers, agent
        return layered

    def rules_digest(self) -> str:
        """The SHA-256, in hexadecimal, of the rules by which this copy answers."""
        return hashlib.sha256(self.rules_source.encode()).hexdigest()

    def content_digest(self) -> str:
        """The SHA-256, in hexadecimal, of the text and the policy together."""
        return hashlib.sha256(f"{self.text}\0{self.policy_source}".encode()).hexdigest()


@lru_cache(maxsize=256)
def _policy(source: str, layers: tuple[Layer, ...], revision: int) -> Policy:
    policy = layered_policy(source, layers)
    return _corrected(policy, revision) if revision else policy


def _corrected(policy: Policy, revision: int) -> Policy:
    """The policy as one of its own, whose rules name the corrected reading."""
    corrected = policy.model_copy(deep=True)
    for rule in rules_in(corrected):
        rule.name_revision(revision)
    return corrected
