"""The law as the lowest layer: what counts where the terms, an agent and an agreement are silent.

One file for each day from which it holds. What else rests on the law, and can't be agreed otherwise, is no
layer: it stands where it is calculated.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from contracts.rules.policy.base import LocalText
from contracts.rules.policy.layer import Layer
from contracts.rules.policy.reading import PolicyError, read_file

ACTS = {
    "civil-code": LocalText(ja="民法", en="Civil Code"),
    "currency-act": LocalText(
        ja="通貨の単位及び貨幣の発行等に関する法律", en="Currency Unit and Coin Issuance Act"
    ),
    "personal-information-act": LocalText(
        ja="個人情報の保護に関する法律", en="Act on the Protection of Personal Information"
    ),
}
"""The acts that the law's rules cite, by what their citations begin with: `civil-code-404-2`."""


def law_on(day: date) -> Layer:
    """The law of a day."""
    return max((one for one in _laws() if one.effective_on <= day), key=lambda one: one.effective_on)


def act_of(key: str) -> LocalText | None:
    """The act that a citation is of; None where it is of no act."""
    return next((name for start, name in ACTS.items() if key.startswith(f"{start}-")), None)


@cache
def _laws() -> tuple[Layer, ...]:
    files = sorted(Path(__file__).parent.glob("*.toml"))
    return tuple(
        Layer("law", "法令", date.fromisoformat(file.stem), read_file(file, PolicyError)) for file in files
    )
