"""Reading a policy that somebody wrote, which may name only kinds of changes that there are."""

from collections.abc import Sequence

from contracts.extensions.kinds import change_keys
from contracts.problems.reasons import Reason
from contracts.rules.policy.layer import Layer
from contracts.rules.policy.layers import layered_policy
from contracts.rules.policy.reading import PolicyError
from contracts.rules.policy.schema import Policy
from contracts.rules.problems import Problem


def read_known_policy(text: str, layers: Sequence[Layer] = ()) -> Policy:
    """Read a policy from TOML, with other layers; PolicyError lists every problem.

    Unknown kinds under `changes` are problems as well.
    """
    policy, known = layered_policy(text, layers), change_keys()
    allowed = ", ".join(f"'{key}'" for key in known)
    problems = [
        Problem(f"changes.{key}", Reason("not_allowed", {"given": key, "allowed": allowed}))
        for key in policy.changes
        if key not in known
    ]
    if problems:
        raise PolicyError(problems)
    return policy
