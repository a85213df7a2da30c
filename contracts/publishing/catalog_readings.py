"""How a catalog reads versions that are published already."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.core.exceptions import ValidationError

from contracts.models import AgentRules, Service, TermsVersion
from contracts.publishing.revisions import bring_reading
from contracts.terms.markdown import parse

Report = Callable[[str], None]


class ReadingRefusedError(Exception):
    """Rules of a catalog that don't fit the published version of that name."""


def take_reading(
    service: Service, *, name: str, text: str, policy_source: str, at: datetime, report: Report
) -> bool:
    """Take over the rules by which a catalog reads a published version; whether there is such a version.

    It has the catalog's text, or has with it an annex that stands among the rules of an agent by now, and
    other rules. Its row stays as it was published; the other rules are a
    corrected reading, in force at once where no contract rests on the version, else for staff to propose.
    Raises ReadingRefusedError with every problem.
    """
    version = TermsVersion.objects.published().filter(service=service, name=name).first()
    if version is None or not _same_text(version, text) or version.policy_source == policy_source:
        return False
    try:
        revision = bring_reading(version, policy_source, at)
    except ValidationError as refused:
        raise ReadingRefusedError(f"{service.slug}: {name}: {'; '.join(refused.messages)}") from refused
    if revision:
        outcome = "is in force" if revision.in_force_at else "waits: propose it on the version's page"
        report(f"{service.slug}: version {name} stays as it was published; a corrected reading {outcome}")
    return True


def _same_text(version: TermsVersion, text: str) -> bool:
    """Whether a version has a text, apart from annexes at its end that the service's agents state by now."""
    if version.text == text:
        return True
    of_agents = {
        annex.key
        for rules in AgentRules.objects.filter(agent__service=version.service_id)
        for annex in rules.terms.annexes
    }
    stated, brought = version.terms, parse(text)
    kept = tuple(annex for annex in stated.annexes if annex.key not in of_agents)
    return replace(stated, annexes=kept) == brought
