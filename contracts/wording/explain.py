"""Decisions in sentences: what was decided, why, and by which articles, in the language of the interface."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from contracts.extensions.kinds import change_sentences
from contracts.rules.calendar.period import Month
from contracts.rules.decision import Decision, Step, revision_of
from contracts.rules.policy.base import Origin
from contracts.rules.stored import steps_of
from contracts.wording.formats import day_text, moment_text, month_text, yen_text
from contracts.wording.links import agent_rules_label, agent_rules_url, article_label
from contracts.wording.links import article_url as permanent_url
from contracts.wording.local_text import localised
from contracts.wording.sentences import (
    PERCENT_RESULTS,
    SENTENCES,
    WITHOUT_DISTANCE,
    WORDS,
    YEN_GIVEN,
    YEN_RESULTS,
    YES_NO,
)

if TYPE_CHECKING:
    from contracts.models import TermsVersion

ArticleUrl = Callable[["TermsVersion", str, Origin | None], str]


@dataclass(frozen=True)
class ArticleLink:
    """An article by its label (第19条第1項), and its permanent address.

    An individual agreement, or a corrected reading, beside it has a label and no address.
    """

    label: str
    url: str


@dataclass(frozen=True)
class ExplainedStep:
    """One step in words. `rule` is its key; `result` is empty where nothing came out yet."""

    rule: str
    sentence: str
    result: str
    articles: tuple[ArticleLink, ...]
    reading: str
    sample: bool


@dataclass(frozen=True)
class Explanation:
    """A decision as `components/decision.html` shows it."""

    steps: tuple[ExplainedStep, ...]

    @property
    def articles(self) -> tuple[ArticleLink, ...]:
        """Every article of the steps, each once."""
        return tuple(dict.fromkeys(link for step in self.steps for link in step.articles))

    @property
    def sample(self) -> bool:
        """Whether a value that took part is a sample."""
        return any(step.sample for step in self.steps)


def explain(
    decision: Decision | Mapping[str, Any] | None,
    version: "TermsVersion",
    article_url: ArticleUrl = permanent_url,
) -> Explanation:
    """Put a decision, or its stored JSON, into sentences; an empty one, or none, has no steps.

    `version` is the one that was asked: its text labels the articles, its policy, by the reading that the
    decision rests on, names the products.
    `article_url` gives the address of an article, or "" for none.
    """
    steps = decision.steps if isinstance(decision, Decision) else steps_of(decision or {})
    read = version.by_revision(revision_of(steps))
    return Explanation(tuple(_explained(step, read, article_url) for step in steps))


def _explained(step: Step, version: "TermsVersion", article_url: ArticleUrl) -> ExplainedStep:
    return ExplainedStep(
        rule=step.rule,
        sentence=_sentence(step.rule, step.given, version),
        result=_result(step.rule, step.result),
        articles=tuple(_sources(step, version, article_url)),
        reading=localised(step.reading) if step.reading else "",
        sample=step.sample,
    )


def _sources(step: Step, version: "TermsVersion", article_url: ArticleUrl) -> Iterator[ArticleLink]:
    for cited in step.articles:
        yield ArticleLink(
            article_label(version, cited, step.origin), article_url(version, cited, step.origin)
        )
    if step.origin and not _is_cited(step.origin, step, version):
        of_agent = step.origin.kind == "agent" and article_url is permanent_url
        where = agent_rules_url(version, step.origin) if of_agent else ""
        yield ArticleLink(origin_label(step.origin), where)
    if version.revision and version.revision.in_force_on:
        yield ArticleLink(_correction_label(version.revision.in_force_on), "")


def _is_cited(origin: Origin, step: Step, version: "TermsVersion") -> bool:
    """Whether an article of the layer that decided is cited, which names the layer."""
    layers = (version.layer_citing(cited, origin) for cited in step.articles)
    return any(layer and layer.origin == origin for layer in layers)


def agreement_label(title: str, effective_on: date) -> str:
    """An individual agreement as it stands beside the articles: its title, and since when it holds."""
    return _("individual agreement “%(title)s” of %(day)s") % {"title": title, "day": day_text(effective_on)}


def origin_label(origin: Origin) -> str:
    """The layer that decided, as it stands beside the articles."""
    match origin.kind:
        case "agreement":
            return agreement_label(origin.title, origin.effective_on)
        case "agent":
            return agent_rules_label(origin)
        case "law":
            return _("the law as of %(day)s") % {"day": day_text(origin.effective_on)}


def _correction_label(on: date) -> str:
    return _("reading as corrected on %(day)s") % {"day": day_text(on)}


def _sentence(key: str, given: Mapping[str, Any], version: "TermsVersion") -> str:
    counted, without = WITHOUT_DISTANCE.get(key, ("", ""))
    if without and not given[counted]:
        key = without
    shown = {name: _given(key, name, value, version) for name, value in given.items()}
    return str(_sentence_of(key) % shown)


def _sentence_of(step: str) -> Any:
    """The sentence of a step; that of a kind of request the kind brings along."""
    return SENTENCES[step] if step in SENTENCES else change_sentences()[step]


def _given(key: str, name: str, value: Any, version: "TermsVersion") -> Any:
    if isinstance(value, str) and value in WORDS.get(name, {}):
        return str(WORDS[name][value])
    if name == "product":
        return _product_name(version, value)
    if name == "cost":
        return _cost_text(version, value)
    if name == "article":
        return article_label(version, value)
    if value is not None and {name, f"{key}:{name}"} & YEN_GIVEN:
        return yen_text(value)
    # A number stays one: plural forms are chosen by it.
    return value if isinstance(value, int) else _plain(value) or "—"


def _product_name(version: "TermsVersion", key: str) -> str:
    try:
        return localised(version.policy.product(key).name)
    except KeyError:
        return key


def _cost_text(version: "TermsVersion", key: str) -> str:
    try:
        return localised(version.policy.charging.cost(key).text)
    except KeyError:
        return key


def _result(key: str, value: Any) -> str:
    if isinstance(value, bool):
        words = next((words for start, words in YES_NO.items() if _begins(key, start)), None)
        return str(words[0 if value else 1]) if words else ""
    if isinstance(value, int) and any(_begins(key, start) for start in YEN_RESULTS):
        return yen_text(value)
    return f"{_plain(value)}%" if key in PERCENT_RESULTS else _plain(value)


def _begins(key: str, start: str) -> bool:
    return f"{key}.".startswith(f"{start}.")


def _plain(value: Any) -> str:
    """A value of a step as it reads; empty for what there is not."""
    match value:
        case None:
            return ""
        case datetime():
            return moment_text(value)
        case date():
            return day_text(value)
        case Month():
            return month_text(value)
        case _:
            return str(value)
