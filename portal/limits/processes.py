"""Processes of our own that know nothing of the installation: no address of its database, no secret."""

import os
import sys

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONPATH", "PYTHONHASHSEED")


def own_python(module: str) -> tuple[str, ...]:
    """The command that runs a module by the interpreter of this process."""
    return (sys.executable, "-m", module)


def bare_environment(**given: str) -> dict[str, str]:
    """What such a process needs of this one's environment, and what is given."""
    return {**{name: os.environ[name] for name in _PASSED_ON if name in os.environ}, **given}
