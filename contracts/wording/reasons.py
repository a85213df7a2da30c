"""Reasons that the terms list, as screens show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from contracts.rules.policy.schema import ListedReason
from contracts.wording.links import article_label
from contracts.wording.local_text import localised

if TYPE_CHECKING:
    from contracts.models import Application, ContractRequest, Suspension, TermsVersion

NOT_POSSIBLE = "not_possible"
"""Refused because of what happened since; no reason of the terms."""


@dataclass(frozen=True)
class ShownReason:
    text: str
    articles: tuple[str, ...]


def refusal_reason(application: "Application") -> ShownReason | None:
    """The listed reason for which an application was refused; None when it was not."""
    return _shown(application.refusal_reason, application.governing_version.policy.refusal_reasons)


def request_refusal(request: "ContractRequest") -> ShownReason | None:
    """Why staff refused a request; None where they didn't."""
    if said := not_possible_text(request.refusal_reason):
        return ShownReason(said, ())
    return _shown(request.refusal_reason, request.governing_version.policy.refusals_of(request.kind))


def request_refusal_choices(request: "ContractRequest") -> list[tuple[str, str]]:
    """The reasons for which staff may refuse a request, each with its articles."""
    version = request.governing_version
    listed = reason_choices(version, version.policy.refusals_of(request.kind))
    return [*listed, (NOT_POSSIBLE, not_possible_text(NOT_POSSIBLE))]


def not_possible_text(key: str) -> str:
    """What the reason says that no terms list; empty for all others."""
    return _("What happened since leaves no room for it.") if key == NOT_POSSIBLE else ""


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
