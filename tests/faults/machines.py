"""Machines with workers: each has a host name, process ids, a /tmp and a PORTAL_VAR of its own.

They share what machines of one installation share: the database, the broker and the stored files. Where the
kernel grants no namespaces, as in many containers, a machine is a group of processes with a host name.
"""

import os
import subprocess
import sys
import tempfile
import warnings
from functools import cache
from pathlib import Path

from django.conf import settings

from tests.faults import worker

NAMESPACES = ("unshare", "--uts", "--pid", "--mount", "--fork", "--mount-proc", "--kill-child")
MACHINE = "tests/faults/machine.sh"


def on_machine(name: str, scratch: Path, shared: list[Path], command: list[str]) -> list[str]:
    """The command line that runs a command in namespaces of its own."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    program = [settings.BASE_DIR, Path(sys.prefix).resolve()]
    return [*NAMESPACES, *user, MACHINE, name, *map(str, [scratch, *program, *shared]), "--", *command]


@cache
def namespaces_are_granted() -> bool:
    with tempfile.TemporaryDirectory() as scratch:
        probe = on_machine("probe", Path(scratch), [], ["hostname"])
        ran = subprocess.run(probe, cwd=settings.BASE_DIR, capture_output=True, check=False)
    granted = ran.stdout == b"probe\n"
    if not granted:
        warnings.warn(f"Machines are mere groups of processes here: {ran.stderr.decode()}", stacklevel=2)
    return granted


def switch_on(
    name: str, environment: dict[str, str], scratch: Path, shared: list[Path]
) -> subprocess.Popen[bytes]:
    """Start a worker on a machine; killing the process, and its group, loses the machine.

    `scratch` is an empty folder; of /tmp the machine sees the folders `shared` and the program alone.
    """
    command = [sys.executable, "-m", worker.__name__]
    if namespaces_are_granted():
        command = on_machine(name, scratch, shared, command)
        own = {"PORTAL_VAR": "/tmp/portal", "TMPDIR": "/tmp"}  # noqa: S108 - the machine's own
    else:
        own = {"PORTAL_VAR": str(scratch / "var"), "TMPDIR": str(scratch), "HOST_NAME": name}
    return subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=environment | own,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
