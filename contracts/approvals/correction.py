"""Correcting how a published version of the terms is read, as a proposal to a second person."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import StringConstraints

from contracts.extensions.registered import worked_examples
from contracts.models import TermsVersion
from contracts.publishing.revisions import CORRECTION as CORRECTION_KEY
from contracts.publishing.revisions import (
    as_corrected,
    concerned_articles,
    correct_reading,
    correction_impact,
    ensure_correctable,
    latest_reading,
    rests_on,
)
from contracts.rules.policy.base import Strict
from contracts.wording.formats import day_text
from contracts.wording.links import article_label
from contracts.wording.policy_changes import policy_changes
from portal.approvals.kinds import Kind, Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.organisations.models import User

_EXAMPLES_SHOWN = 20


class CorrectionData(Strict):
    """Other rules for a published version, by its key; `after` is the last correction that was seen."""

    version: int
    policy: Annotated[str, StringConstraints(strip_whitespace=False)]
    reason: str
    reaches_back: bool
    after: int


def applies_text(reaches_back: bool, version: TermsVersion) -> str:
    """From when a correction of a version counts."""
    if reaches_back:
        shown = {"day": day_text(version.effective_on)}
        return gettext("Decisions from the version's first day (%(day)s) on") % shown
    return gettext("Decisions from the day on which it is put in force")


def _version(wanted: CorrectionData) -> TermsVersion:
    found = TermsVersion.objects.published().select_related("service__provider").get(pk=wanted.version)
    if latest_reading(found).revision_number != wanted.after:
        raise OvertakenError(gettext("The reading was corrected since. Propose it again as it is now."))
    return found


def _subject(wanted: CorrectionData) -> Subject:
    version = _version(wanted)
    name = f"{version.service.name} {version.name}"
    return Subject(about=version, name=name, provider=version.service.provider.code)


def correction_lines(wanted: CorrectionData) -> Iterator[Line]:
    """What a correction changes: its rules in words, then the dates and amounts of contracts.

    ValidationError (`policy`) for rules that can't be read into the version.
    """
    version = _version(wanted)
    ensure_correctable(version, wanted.policy)
    old, new = latest_reading(version), as_corrected(version, wanted.policy)
    yield Line(gettext("Reason"), "", wanted.reason)
    yield Line(gettext("Applies to"), "", applies_text(wanted.reaches_back, version))
    articles = [article_label(version, key) for key in concerned_articles(version, wanted.policy)]
    yield Line(gettext("Articles"), "", " ".join(articles))
    changes = policy_changes(old, new)
    for change in changes:
        yield Line(change.what, change.old, change.new)
    if not changes:
        yield Line(gettext("Rules"), "", gettext("Citations and explanations alone change."))
    yield from _example_lines(new)
    yield from _impact_lines(version, wanted.policy)
    yield Line(gettext("Hash of the rules"), old.rules_digest(), new.rules_digest())


def _example_lines(read: TermsVersion) -> Iterator[Line]:
    """How the worked examples of the version come out by the corrected rules."""
    results = worked_examples(read)
    label = gettext("Worked examples of the version")
    if results is None:
        yield Line(label, "", gettext("None: only versions of the catalog have them."))
        return
    failed = [result for result in results if not result.passed]
    counted = {"passed": len(results) - len(failed), "all": len(results)}
    yield Line(label, "", gettext("%(passed)s of %(all)s come out as written") % counted)
    for result in failed[:_EXAMPLES_SHOWN]:
        written = _stated((one.field, one.expected) for one in result.mismatches)
        by_new_rules = _stated((one.field, one.got) for one in result.mismatches)
        yield Line(result.example.id, written, result.error or by_new_rules)
    if len(failed) > _EXAMPLES_SHOWN:
        yield Line(gettext("Further examples"), "", str(len(failed) - _EXAMPLES_SHOWN))


def _stated(facts: Iterable[tuple[str, Any]]) -> str:
    return ", ".join(f"{name} {'—' if value is None else value}" for name, value in facts)


def _impact_lines(version: TermsVersion, policy: str) -> Iterator[Line]:
    on, impact = correction_impact(version, policy)
    counted = {"day": day_text(on), "running": impact.running, "affected": impact.affected}
    label = gettext("Contracts whose next dates or amounts change")
    yield Line(label, "", gettext("%(affected)s of %(running)s that run on %(day)s") % counted)
    for example in impact.examples:
        for change in example.changes:
            yield Line(f"{example.contract.number} {change.label}", change.old, change.new)
    if impact.affected > len(impact.examples):
        yield Line(gettext("Hash of all changes"), "", impact.digest)


def _correct(wanted: CorrectionData, approval: Proposal, at: datetime) -> str:
    revision = correct_reading(
        _version(wanted),
        policy_source=wanted.policy,
        reason=wanted.reason,
        reaches_back=wanted.reaches_back,
        at=at,
        staff=approval.proposed_by,
        approval=approval,
    )
    return gettext("The corrected reading no. %(number)s is in force.") % {"number": revision.number}


def _binds_nobody(wanted: CorrectionData, amount: int, staff: User) -> Proposal.Without | None:
    return None if rests_on(_version(wanted)) else Proposal.Without.UNBOUND


CORRECTION = Kind(
    key=CORRECTION_KEY,
    label=_("Corrected reading of terms"),
    data=CorrectionData,
    right="contracts.change_termsversion",
    subject=_subject,
    lines=correction_lines,
    carry_out=_correct,
    form=lambda wanted: reverse("admin:contracts_termsversion_correct", args=[wanted.version]),
    entered=lambda wanted: {
        "policy": wanted.policy,
        "reason": wanted.reason,
        "applies": "first_day" if wanted.reaches_back else "then_on",
    },
    spared=_binds_nobody,
)
