"""Reasons that the terms list, as screens show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from contracts.rules.policy.schema import ListedReason
from contracts.wording.links import article_label
from contracts.wording.local_text import localised

if TYPE_CHECKING:
    from contracts.models import Application, ContractRequest, Suspension, TermsVersion

NOT_POSSIBLE = "not_possible"
"""Refused because of what happened since; no reason of the terms."""

WENT_TOGETHER = "went_together"
"""Refused because what it was to be accepted with was; no reason of the terms."""

_OF_NO_TERMS = {
    NOT_POSSIBLE: gettext_lazy("What happened since leaves no room for it."),
    WENT_TOGETHER: gettext_lazy("It was to be accepted together with another request or not at all."),
}


@dataclass(frozen=True)
class ShownReason:
    text: str
    articles: tuple[str, ...]


def refusal_reason(application: "Application") -> ShownReason | None:
    """The listed reason for which an application was refused; None when it was not."""
    return _shown(application.refusal_reason, application.governing_version.policy.refusal_reasons)


def request_refusal(request: "ContractRequest") -> ShownReason | None:
    """Why staff refused a request; None where they didn't."""
    if said := text_of_no_terms(request.refusal_reason):
        return ShownReason(said, ())
    return _shown(request.refusal_reason, request.governing_version.policy.refusals_of(request.kind))


def request_refusal_choices(request: "ContractRequest") -> list[tuple[str, str]]:
    """The reasons for which staff may refuse a request, each with its articles."""
    version = request.governing_version
    listed = reason_choices(version, version.policy.refusals_of(request.kind))
    return [*listed, (NOT_POSSIBLE, text_of_no_terms(NOT_POSSIBLE))]


def text_of_no_terms(key: str) -> str:
    """What a reason says that no terms list; empty for all others."""
    return str(_OF_NO_TERMS.get(key, ""))


def reason_choices(version: "TermsVersion", reasons: Iterable[ListedReason]) -> list[tuple[str, str]]:
    """The listed reasons to choose from, each with its articles."""
    return [(reason.key, _with_articles(version, reason)) for reason in reasons]


def _with_articles(version: "TermsVersion", reason: ListedReason) -> str:
    articles = "、".join(article_label(version, key) for key in reason.article)
    return f"{localised(reason.text)}（{articles}）"


def suspension_reason(suspension: "Suspension", version: "TermsVersion") -> ShownReason | None:
    """The listed reason of a suspension, as a version words it; None where that version lists no such."""
    policy = version.policy
    rule = policy.pause if suspension.kind == suspension.Kind.PAUSE else policy.suspension
    return _shown(suspension.reason, rule.reasons if rule else ())


def _shown(key: str, reasons: Iterable[ListedReason]) -> ShownReason | None:
    found = next((reason for reason in reasons if reason.key == key), None)
    return ShownReason(localised(found.text), found.article) if found else None
