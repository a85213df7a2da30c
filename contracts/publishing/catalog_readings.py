"""How a catalog reads versions that are published already."""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import ValidationError

from contracts.models import Service, TermsVersion
from contracts.publishing.revisions import bring_reading

Report = Callable[[str], None]


class ReadingRefusedError(Exception):
    """Rules of a catalog that don't fit the published version of that name."""


def take_reading(
    service: Service, *, name: str, text: str, policy_source: str, at: datetime, report: Report
) -> bool:
    """Take over the rules by which a catalog reads a published version; whether there is such a version.

    It has the catalog's text and other rules. Its row stays as it was published; the other rules are a
    corrected reading, in force at once where no contract rests on the version, else for staff to propose.
    Raises ReadingRefusedError with every problem.
    """
    published = TermsVersion.objects.published().filter(service=service, name=name, text=text)
    version = published.exclude(policy_source=policy_source).first()
    if version is None:
        return False
    try:
        revision = bring_reading(version, policy_source, at)
    except ValidationError as refused:
        raise ReadingRefusedError(f"{service.slug}: {name}: {'; '.join(refused.messages)}") from refused
    if revision:
        outcome = "is in force" if revision.in_force_at else "waits: propose it on the version's page"
        report(f"{service.slug}: version {name} stays as it was published; a corrected reading {outcome}")
    return True
