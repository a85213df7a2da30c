"""Whether an agent's rules fit the terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from contracts.problems.reasons import Reason
from contracts.rules.policy.agents import beyond_what_is_left
from contracts.rules.policy.law import act_of, law_on
from contracts.rules.policy.layer import Layer
from contracts.rules.policy.layers import layered_policy, read_text, written
from contracts.rules.policy.reading import PolicyError
from contracts.rules.problems import Problem
from contracts.terms.numbering import ArticleRef
from contracts.terms.tree import Terms


def misfits(source: str, terms: Terms, rules: Layer, day: date) -> Iterator[Problem]:
    """Why an agent's rules don't fit terms on a day: what they say beyond what is left, or what they lack.

    `source` is the policy of the terms (TOML). Each with its path, and what says too much with its line in
    the agent's rules and the article of the terms.
    """
    if beyond := beyond_what_is_left(written(source), rules.rules):
        yield from beyond
        return
    try:
        policy = layered_policy(source, (law_on(day), rules))
    except PolicyError as error:
        yield from error.problems
        return
    for path, key in lacking(policy.cited(), (terms, read_text(rules.text))):
        yield Problem(path, Reason("not_in_text", {"key": key}))


def lacking(cited: Iterable[tuple[str, str]], texts: Sequence[Terms]) -> Iterator[tuple[str, str]]:
    """The citations, as paths and keys, that neither one of the texts nor an act has."""
    for path, key in cited:
        if not act_of(key) and not any(text.has(ArticleRef.parse(key)) for text in texts):
            yield path, key
