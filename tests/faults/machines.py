"""Machines with workers: each has a host name, process ids, a /tmp and a PORTAL_VAR of its own.

They share what machines of one installation share: the database, the broker and the stored files. Where the
kernel grants no namespaces, as in many containers, a machine is a group of processes with a host name.
"""

import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from django.conf import settings

from tests.faults import worker

NAMESPACES = ("unshare", "--uts", "--pid", "--mount", "--fork", "--mount-proc", "--kill-child")
MACHINE = "tests/faults/machine.sh"


@cache
def namespaces() -> tuple[str, ...]:
    """The command that gives another one namespaces of its own; nothing where that is not granted."""
    user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    command = (*NAMESPACES, *user)
    with tempfile.TemporaryDirectory() as scratch:
        probe = [*command, MACHINE, "probe", scratch, "--", "true"]
        granted = subprocess.run(probe, cwd=settings.BASE_DIR, capture_output=True, check=False)
    return command if granted.returncode == 0 else ()


def switch_on(
    name: str, environment: dict[str, str], scratch: Path, shared: list[Path], pause: float
) -> subprocess.Popen[bytes]:
    """Start a worker on a machine; killing the process, and its group, loses the machine.

    `scratch` is an empty folder; of /tmp the machine sees the folders `shared` alone.
    """
    command = [sys.executable, "-m", worker.__name__, str(pause)]
    own = environment | {"HOST_NAME": name, "PORTAL_VAR": str(scratch / "var"), "TMPDIR": str(scratch)}
    if isolate := namespaces():
        program = [settings.BASE_DIR, Path(sys.prefix).resolve()]
        command = [*isolate, MACHINE, name, str(scratch), *map(str, [*program, *shared]), "--", *command]
        own = environment | {"PORTAL_VAR": "/tmp/portal", "TMPDIR": "/tmp"}  # noqa: S108 - the machine's own
    return subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=own, start_new_session=True, stderr=subprocess.DEVNULL
    )
