"""Reading a policy that somebody wrote, which may name only kinds of changes that there are."""

from collections.abc import Iterable, Iterator, Sequence

from contracts.extensions.kinds import change_keys, request_keys
from contracts.problems.reasons import Reason
from contracts.rules.policy.layer import Layer
from contracts.rules.policy.layers import layered_policy
from contracts.rules.policy.reading import PolicyError
from contracts.rules.policy.schema import Policy
from contracts.rules.problems import Problem


def read_known_policy(text: str, layers: Sequence[Layer] = ()) -> Policy:
    """Read a policy from TOML, with other layers; PolicyError lists every problem.

    Kinds that there are not are problems as well.
    """
    policy = layered_policy(text, layers)
    received = [key for rule in policy.receipt for key in rule.of]
    decided = [key for rule in policy.agents.decides for key in rule.of] if policy.agents else []
    problems = [
        *_unknown("changes", policy.changes, change_keys()),
        *_unknown("receipt", received, ["application", *request_keys()]),
        *_unknown("agents.decides", decided, ["application", *request_keys()]),
    ]
    if problems:
        raise PolicyError(problems)
    return policy


def _unknown(part: str, keys: Iterable[str], known: list[str]) -> Iterator[Problem]:
    allowed = ", ".join(f"'{key}'" for key in known)
    for key in keys:
        if key not in known:
            yield Problem(f"{part}.{key}", Reason("not_allowed", {"given": key, "allowed": allowed}))
