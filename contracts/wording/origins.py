"""Where each rule of a contract comes from: the layer that decided it, its articles, version and day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from contracts.rules.policy.base import Origin
from contracts.wording.explain import ArticleLink
from contracts.wording.links import agent_rules_url, article_url, label_within, version_url
from contracts.wording.policy_changes import StatedRule, stated_rules

if TYPE_CHECKING:
    from contracts.models import TermsVersion

LAYERS = {
    "law": _("The law"),
    "terms": _("Terms"),
    "agent": _("Rules of the sales agent"),
    "agreement": _("Individual agreement"),
}


@dataclass(frozen=True)
class ShownRule:
    """A rule with its value, and by what it holds. `kind` is the layer that decided it."""

    what: str
    value: str
    kind: str
    articles: tuple[ArticleLink, ...]
    sample: bool


@dataclass(frozen=True)
class ShownLayer:
    """A layer of the rules of a contract: what it is, its title and version, and since when it holds."""

    kind: str
    label: Any
    title: str
    version: str
    since: date | None
    url: str
    rules: Sequence[tuple[str, list[ShownRule]]]

    @property
    def count(self) -> int:
        return sum(len(rules) for _part, rules in self.rules)


def shown_layers(version: "TermsVersion") -> list[ShownLayer]:
    """The layers of a version as it governs a contract, the one that goes before all others first.

    Each with the rules that it decided, by the part of the policy that they belong to.
    """
    decided: dict[Origin | None, dict[str, list[ShownRule]]] = {}
    for part, rules in stated_rules(version).items():
        for one in rules:
            decided.setdefault(one.rule.origin, {}).setdefault(part, []).append(_shown(one, version))
    origins = [layer.origin for layer in reversed(version.all_layers) if layer.kind != "law"]
    law = [layer.origin for layer in version.all_layers if layer.kind == "law"]
    return [
        _layer(version, origin, decided[origin]) for origin in (*origins, None, *law) if origin in decided
    ]


def _shown(one: StatedRule, version: "TermsVersion") -> ShownRule:
    rule, origin = one.rule, one.rule.origin
    cited = (
        ArticleLink(label_within(version, key, origin), article_url(version, key, origin))
        for key in rule.article
    )
    return ShownRule(one.what, one.value, origin.kind if origin else "terms", tuple(cited), rule.sample)


def _layer(version: "TermsVersion", origin: Origin | None, rules: dict[str, list[ShownRule]]) -> ShownLayer:
    parts = list(rules.items())
    if origin is None:
        name, since = version.name, version.effective_on
        return ShownLayer("terms", LAYERS["terms"], version.title, name, since, version_url(version), parts)
    url = agent_rules_url(version, origin) if origin.kind == "agent" else ""
    return ShownLayer(
        origin.kind, LAYERS[origin.kind], origin.title, origin.version, origin.effective_on, url, parts
    )
