"""Playing lives in the background: tasks only say that some wait."""

from celery import shared_task

from portal.installation.processes import this_process
from portal.installation.telling import tell
from portal.lives import playing

TICK = 30
"""Seconds from one look for work to the next."""


@shared_task
def play_lives(run_pk: int) -> None:
    """Play the lives of a service for a draft of its terms."""
    playing.play(run_pk, this_process())


@shared_task
def look_for_lives() -> None:
    """Tell of what waits: after a worker was lost, a restart, or a message that never arrived."""
    for pk in playing.runs_to_play().values_list("pk", flat=True):
        tell(play_lives, pk, expires=TICK)


def play_soon(run_pk: int) -> None:
    """Have the lives of a run played."""
    tell(play_lives, run_pk)
