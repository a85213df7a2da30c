"""Playing the lives of a service for a draft of its terms, in the background, in a process of their own.

The process has a database of its own in a folder that is gone afterwards, and nothing of the installation's
but what the lives are played by: no address of its database, no secret.
"""

import json
import logging
import subprocess
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from billing.runs.leases import free, renewed, take
from contracts.models import LivesRun
from contracts.publishing.lives import PLAYS
from portal.limits.processes import bare_environment, own_python
from portal.lives.package import digest_of, lives_in, packed

LONGEST = 600.0
"""Seconds after which the process is ended; thirty lives take less than a minute."""

_CHILD = own_python("portal.lives.child")

_log = logging.getLogger(__name__)


class PlayingStoppedError(Exception):
    """The process that plays the lives did not come to its end."""


def runs_to_play() -> QuerySet[LivesRun]:
    """Those that wait, and that nobody plays."""
    return LivesRun.objects.filter(free(), finished_at__isnull=True, trouble="")


def play(pk: int, worker: str) -> None:
    """Play the lives of a run, and store how far they are; nothing where somebody else does.

    What stops them is kept with the run, for staff, who can have them played anew.
    """
    lease = take(runs_to_play(), pk, worker)
    if lease is None:
        return
    mine = LivesRun.objects.filter(pk=pk, worker=worker)
    try:
        with renewed(lease):
            _play(mine)
    except Exception as trouble:
        text = f"{type(trouble).__name__}: {trouble}"
        mine.update(trouble=text[:1000], worker="", leased_until=None)
        _log.exception("The lives for a draft of terms (run %s) could not be played.", pk)


def play_now(run: LivesRun) -> None:
    """Play the lives of a run there and then, for who has no worker. What stops them is raised."""
    _play(LivesRun.objects.filter(pk=run.pk))


def _play(mine: QuerySet[LivesRun]) -> None:
    package = packed(mine.select_related("version__service__provider").get().version)
    of = len(lives_in(json.loads(package))) * PLAYS
    mine.update(digest=digest_of(package), of=of, done=0)
    results: list[Any] = []
    done = 0
    with closing(_steps(package)) as steps:
        for step in steps:
            done = step["done"]
            if step.get("result"):
                results.append(step["result"])
            if not mine.update(done=done):
                return  # it was asked for anew, or is another worker's by now
    if done != of:
        raise PlayingStoppedError(f"only {done} of {of} steps were taken")
    mine.update(results=results, finished_at=timezone.now(), worker="", leased_until=None)


def _steps(package: str, command: Sequence[str] = _CHILD) -> Generator[dict[str, Any]]:
    """What the process says, step by step. Raises PlayingStoppedError where it fails or takes too long."""
    with TemporaryDirectory(prefix="lives-") as name:
        folder = Path(name)
        file, errors = folder / "package.json", folder / "errors.txt"
        file.write_text(package, encoding="utf-8")
        with (
            errors.open("w") as said,
            subprocess.Popen(  # noqa: S603 (no shell, and no value from outside)
                [*command, str(file)],
                cwd=settings.BASE_DIR,
                env=_environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                encoding="utf-8",
            ) as process,
        ):
            watch = Timer(LONGEST, process.kill)
            watch.daemon = True
            watch.start()
            try:
                yield from map(json.loads, process.stdout or ())
                process.wait()
            finally:
                watch.cancel()
                process.kill()
        if process.returncode:
            last = errors.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
            raise PlayingStoppedError(last or f"the process ended with {process.returncode}")


def _environment(folder: Path) -> dict[str, str]:
    """A database, files and a secret key of its own, in a folder."""
    return bare_environment(PORTAL_VAR=str(folder), DATABASE_URL=f"sqlite:///{folder / 'db.sqlite3'}")
