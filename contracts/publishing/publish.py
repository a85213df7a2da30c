"""Publishing versions of the terms."""

from datetime import date, datetime

from django.db import transaction

from contracts.extensions.registered import tell_rules_changed
from contracts.lifecycle.agreements import broken_agreements
from contracts.models import Service, TermsVersion
from contracts.policies.reading import read_known_policy
from contracts.policies.standing import standing_layers
from contracts.problems.reasons import Reason
from contracts.publishing.drafts import text_problems
from contracts.publishing.layers import broken_agent_rules
from contracts.publishing.notice import draft_terms_notice
from contracts.rules.calendar.period import japan_date
from contracts.rules.policy.fitting import lacking
from contracts.rules.policy.reading import PolicyError
from contracts.rules.policy.schema import Policy
from contracts.rules.problems import Problem
from contracts.terms.markdown import TermsSyntaxError, parse
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.models import User

PUBLICATION = "publication"
"""The kind of proposal that publishes a version of the terms."""


class PublicationRefused(Exception):  # noqa: N818 - an answer to the one who publishes, with all reasons
    """A version that can't be published, with every problem found in it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


@transaction.atomic
def publish_version(
    service: Service,
    *,
    name: str,
    title: str,
    text: str,
    policy_source: str,
    at: datetime,
    staff: User | None,
    effective_on: date | None = None,
    approval: Proposal | None = None,
) -> TermsVersion:
    """Publish a version of the terms: its text in Markdown and its policy in TOML.

    A draft of that name becomes the published version. The same content published again gives the version
    that is there. `effective_on` is what the publisher expects; the policy's date counts. A version that
    takes effect today or later, after another one, brings the draft of its notice to customers. Where the
    service has contracts, it raises ValidationError without the approval of a second person
    (`second_person`). Raises PublicationRefused with every problem, each with its path
    (`changes.add_item.article`) or line.
    """
    existing = TermsVersion.objects.select_for_update().filter(service=service, name=name).first()
    version = existing or TermsVersion(service=service, name=name)
    published_hash = version.content_hash if version.published_at else None
    version.text, version.policy_source = text, policy_source
    version.content_hash = version.content_digest()
    if published_hash == version.content_hash:
        return version
    if published_hash:
        raise PublicationRefused([Problem("version", Reason("version_published", {"name": name}))])
    policy = _read(service, text, policy_source)
    version.effective_on = policy.effective.on
    problems = [*_contradictions(version, policy, effective_on), *broken_layers(version)]
    if problems:
        raise PublicationRefused(problems)
    if service.binds_customers:
        ensure_second_person(approval, PUBLICATION)
    version.title = title
    version.revised_on = policy.revised_on
    version.announced_on = policy.announced_on
    version.effective_on = policy.effective.on
    version.published_at = at
    version.save()
    previous = _latest(service, before=policy.effective.on)
    if previous and policy.effective.on >= japan_date(at):
        draft_terms_notice(version, previous, staff)
    tell_rules_changed(service.pk)
    record(
        "terms.published", staff, version, service=service.slug, name=name, content_hash=version.content_hash
    )
    return version


def publication_problems(service: Service, *, name: str, text: str, policy_source: str) -> list[Problem]:
    """Why a version could not be published as it is; nothing where it could."""
    try:
        policy = _read(service, text, policy_source)
    except PublicationRefused as refused:
        return refused.problems
    day = policy.effective.on
    draft = TermsVersion(service=service, name=name, effective_on=day, text=text, policy_source=policy_source)
    return [*_contradictions(draft, policy), *broken_layers(draft)]


def broken_layers(version: TermsVersion) -> list[Problem]:
    """What no longer fits a version about to be published: agents' rules that hold then, and agreements."""
    return [*broken_agent_rules(version), *broken_agreements(version)]


def _contradictions(version: TermsVersion, policy: Policy, effective_on: date | None = None) -> list[Problem]:
    return [
        *_mismatches(policy, version.name, effective_on),
        *_order_problems(version.service, policy),
        *unresolved_citations(policy, version),
    ]


def _read(service: Service, text: str, policy_source: str) -> Policy:
    """Parse both; PublicationRefused with the problems of both."""
    problems: list[Problem] = []
    policy: Policy | None = None
    try:
        policy = read_known_policy(policy_source, standing_layers(service, policy_source))
    except PolicyError as error:
        problems += error.problems
    try:
        parse(text)
    except TermsSyntaxError as error:
        problems += text_problems(error)
    if policy is None or problems:
        raise PublicationRefused(problems)
    return policy


def _mismatches(policy: Policy, name: str, effective_on: date | None) -> list[Problem]:
    problems = []
    if policy.version != name:
        values = {"given": policy.version, "wanted": name}
        problems.append(Problem("version", Reason("other_version", values)))
    if effective_on and policy.effective.on != effective_on:
        days = {"day": policy.effective.on, "wanted": effective_on}
        problems.append(Problem("effective.on", Reason("other_day", days)))
    return problems


def _latest(service: Service, before: date = date.max) -> TermsVersion | None:
    published = TermsVersion.objects.published().filter(service=service, effective_on__lt=before)
    return published.order_by("-effective_on").first()


def _order_problems(service: Service, policy: Policy) -> list[Problem]:
    latest = _latest(service)
    if latest is None or latest.effective_on < policy.effective.on:
        return []
    values = {"day": latest.effective_on, "name": latest.name}
    return [Problem("effective.on", Reason("not_later", values))]


def unresolved_citations(policy: Policy, version: TermsVersion) -> list[Problem]:
    """Every citation of the policy that points at nothing in the text, or in that of another layer."""
    found = lacking(policy.cited(), version.texts)
    return [Problem(path, Reason("not_in_text", {"key": key})) for path, key in found]
