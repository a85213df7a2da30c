"""The first minute: `make run` on a fresh copy serves the demonstration, and prints nothing odd.

Where the tests have a database and a broker named by the environment, so has it.
"""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.faults.waiting import PATIENCE, wait_for
from tests.fresh_copy import ROOT, copy_into

ODD = re.compile(r"ERROR|WARNING|Traceback|Error\b|Exception|deprecated", re.I)
# What a `make` tells those below it: where one runs the tests, the one that is tried is none of them.
OF_A_MAKE_ABOVE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")


@contextmanager
def _served(folder: Path, port: int) -> Iterator[Path]:
    """`make run` in a folder until the end of the block; gives the file with what it prints."""
    said = folder.parent / f"said-{port}"
    with said.open("wb") as output:
        running = subprocess.Popen(
            ["make", "run"],
            cwd=folder,
            env=_newcomers_environment(port),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _await_answer(port, running, said)
        yield said
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(timeout=PATIENCE)


def _newcomers_environment(port: int) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name not in OF_A_MAKE_ABOVE}
    return {**own, "PORT": str(port)}


def _await_answer(port: int, running: subprocess.Popen[bytes], said: Path) -> None:
    """Wait until the portal answers, for as long as there is a word more from time to time."""

    def answers() -> bool:
        assert running.poll() is None, said.read_text(encoding="utf-8")
        try:
            with urlopen(f"http://localhost:{port}/", timeout=5) as page:
                return page.status == 200
        except OSError:  # not there yet, or too busy to answer
            return False

    wait_for(answers, progress=lambda: said.stat().st_size)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.thorough
def test_a_fresh_copy_serves_the_demonstration_and_says_nothing_odd(tmp_path):
    folder = copy_into(tmp_path / "portal")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    with _served(folder, port := _free_port()) as said:
        text = said.read_text(encoding="utf-8")
        with urlopen(f"http://localhost:{port}/services/", timeout=10) as page:
            services = page.read().decode()
    assert [line for line in text.splitlines() if ODD.search(line)] == []
    assert "taro@yamada-shoji.example" in text
    assert f"Staff: http://localhost:{port}/admin/" in text
    assert "desknet" in services

    with _served(folder, _free_port()) as said:
        again = said.read_text(encoding="utf-8")
    assert "Creating customers" not in again
    assert "taro@yamada-shoji.example" in again
