"""Reading a policy that somebody wrote, which may name only kinds of changes that there are."""

from collections.abc import Iterable, Iterator

from contracts.extensions.kinds import change_keys, request_keys
from contracts.problems.reasons import Reason
from contracts.rules.policy.reading import PolicyError
from contracts.rules.policy.schema import Policy, read_policy
from contracts.rules.problems import Problem


def read_known_policy(text: str) -> Policy:
    """Read a policy from TOML; PolicyError lists every problem, kinds that there are not included."""
    policy = read_policy(text)
    received = [key for rule in policy.receipt for key in rule.of]
    problems = [
        *_unknown("changes", policy.changes, change_keys()),
        *_unknown("receipt", received, ["application", *request_keys()]),
    ]
    if problems:
        raise PolicyError(problems)
    return policy


def _unknown(part: str, keys: Iterable[str], known: list[str]) -> Iterator[Problem]:
    allowed = ", ".join(f"'{key}'" for key in known)
    for key in keys:
        if key not in known:
            yield Problem(f"{part}.{key}", Reason("not_allowed", {"given": key, "allowed": allowed}))
