"""Reading a policy that somebody wrote, which may name only kinds of changes that there are."""

from contracts.extensions.kinds import change_keys
from contracts.problems.reasons import Reason
from contracts.rules.policy.reading import PolicyError
from contracts.rules.policy.schema import Policy, read_policy
from contracts.rules.problems import Problem


def read_known_policy(text: str) -> Policy:
    """Read a policy from TOML; PolicyError lists every problem, unknown kinds under `changes` included."""
    policy, known = read_policy(text), change_keys()
    allowed = ", ".join(f"'{key}'" for key in known)
    problems = [
        Problem(f"changes.{key}", Reason("not_allowed", {"given": key, "allowed": allowed}))
        for key in policy.changes
        if key not in known
    ]
    if problems:
        raise PolicyError(problems)
    return policy
