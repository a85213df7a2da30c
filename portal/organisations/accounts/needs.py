"""What an organisation is still needed for: apps above register what they know, as they get ready."""

from collections.abc import Callable, Iterable

from portal.organisations.models import Organisation

Need = Callable[[Organisation], Iterable[str]]
"""Sentences that say for what an organisation must have somebody who answers for it."""

_needs: list[Need] = []


def register(need: Need) -> None:
    """Let what an app knows count. Registering the same again changes nothing."""
    if need not in _needs:
        _needs.append(need)


def needs_of(organisation: Organisation) -> list[str]:
    """All reasons why an organisation can't be left without an owner; none where nothing is open."""
    return [said for need in _needs for said in need(organisation)]
