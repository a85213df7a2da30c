"""The machine of one service: everything that can happen to its contracts."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from portal.catalog import CatalogService
from portal.lives.own_service import own_copy
from portal.lives.taken_back import nothing_stays
from tests.lives.machine.asking import Asking
from tests.lives.machine.charging import Charging
from tests.lives.machine.player import Player
from tests.lives.machine.smallest import smallest
from tests.lives.machine.troubles import Troubles

LIFE = settings(
    phases=[Phase.generate],  # what fails is made smaller event by event, which is faster
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


class Lives(Asking, Charging, Troubles):
    """Lives of contracts of one service, whatever happens in whatever order."""


def think_up(
    slug: str,
    catalog: Sequence[CatalogService],
    lives: int,
    seed: int | None = None,
    steps: int = 9,
    came_out: Callable[[Player], None] = lambda player: None,
) -> str:
    """Have lives of a service thought up; what failed with the smallest life that does, or nothing.

    Without a seed it thinks up the same lives each time. A step is an event or a few, such as a request with
    its answer. `came_out` hears of each life in which all held.
    """
    with nothing_stays(), _no_pdfs():
        service = own_copy(slug, lambda: catalog)
        failed: list[Player] = []
        machine = type(
            "Lives",
            (Lives,),
            {
                "slug": slug,
                "service": service,
                "came_out": staticmethod(came_out),
                "fails": staticmethod(failed.append),
                "_hypothesis_internal_use_seed": seed,
            },
        )
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    LIFE, max_examples=lives, stateful_step_count=steps, derandomize=seed is None
                ),
            )
        except Exception as error:
            failure = smallest(service, failed[-1]) if failed else None
            return failure.text if failure else f"{type(error).__name__}: {error}"
    return ""


def _no_pdfs() -> AbstractContextManager[Any]:
    """Letters are not drawn: that takes longer than most events."""
    return patch("contracts.correspondence.letter_contents.write_pdf", return_value=b"%PDF-1.7\n%%EOF\n")
