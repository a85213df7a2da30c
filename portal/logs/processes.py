"""Several web processes count in files of one folder, so that whichever is asked tells of all."""

import os
import shutil
from pathlib import Path

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client counts in files of the folder that this names, if it is set when that is imported."""


def count_together() -> bool:
    """Whether what this process counts is read together with what others do."""
    return bool(os.environ.get(_FOLDER))


def share_counts(folder: Path) -> None:
    """Let the processes that are started from now on count together; what was counted before is forgotten."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    os.environ[_FOLDER] = str(folder)


def forget(pid: int) -> None:
    """A process has ended."""
    from prometheus_client.multiprocess import mark_process_dead  # only once the folder is named

    mark_process_dead(pid)  # type: ignore[no-untyped-call]
