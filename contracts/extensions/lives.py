"""Who can play whole lives of contracts: an app above, which knows billing too."""

from collections.abc import Callable
from dataclasses import dataclass

from contracts.models import TermsVersion


@dataclass(frozen=True, kw_only=True)
class LifePlayer:
    """`digest` is the SHA-256, in hexadecimal, of all by which the lives of a draft's service are played.

    `soon` has a `LivesRun`, by its key, played in the background.
    """

    digest: Callable[[TermsVersion], str]
    soon: Callable[[int], None]
