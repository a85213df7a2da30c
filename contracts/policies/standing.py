"""Rules of a version that is not published yet, or not read so yet, with the other layers beside it."""

from copy import copy

from contracts.models import Service, TermsVersion
from contracts.policies.reading import read_known_policy
from contracts.rules.policy.layer import Layer
from contracts.rules.policy.layers import effective_day
from contracts.rules.policy.schema import Policy


def standing_layers(service: Service, source: str) -> tuple[Layer, ...]:
    """The layers beside terms written in `source`, on their first day and by the service's first agent."""
    version = TermsVersion(service=service, policy_source=source, effective_on=effective_day(source))
    return version.all_layers


def read_into(version: TermsVersion, source: str) -> Policy:
    """Rules as they would be those of a version, sold by the service's first agent; PolicyError as above."""
    read = copy(version)
    read.revision, read.policy_source = None, source
    return read_known_policy(source, read.all_layers)
