"""Reads what others bring in a process of its own, with limits of time and memory.

Programs that read files of other programs are large, and some files are made to break them: a small file may
unfold to millions of cells, or be read in quadratic time. No thread of the server waits for that, and what a
file does to its reader, it does to a process that knows nothing and is gone afterwards.
"""

import pickle
import subprocess
from collections.abc import Callable
from io import BytesIO
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.limits.processes import bare_environment, own_python

P = ParamSpec("P")
T = TypeVar("T")

SECONDS = 20
"""Of a processor; the longest files of users take one or two."""
LONGEST = 60.0
"""Seconds by the clock, as the machine may be busy."""
MEMORY = 1_000_000_000
LARGEST_ANSWER = 100_000_000
"""Bytes."""

_OURS = ("contracts", "billing", "portal")
_PLAIN = {("datetime", "date"), ("datetime", "datetime"), ("datetime", "time"), ("datetime", "timedelta")} | {
    ("decimal", "Decimal"),
    ("builtins", "frozenset"),
    ("builtins", "set"),
}

TOO_MUCH = _("This file holds more than can be read in time. Divide it, or save it anew in its program.")


class TooMuchToReadError(Exception):
    """What was to be read takes more time or memory than anything that people bring."""


def read_apart(read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What a function of a module makes of its arguments, in a process of its own.

    Raises what it raises, and TooMuchToReadError where it does not come to an end within the limits. The
    arguments and the answer must be such that `pickle` writes them; the function has neither settings nor
    database.
    """
    named = (read.__module__, read.__qualname__)
    limits = (SECONDS, MEMORY, LARGEST_ANSWER)
    try:
        ended = subprocess.run(  # noqa: S603 (no shell, and no value from outside)
            own_python("portal.limits.reader"),
            input=pickle.dumps((limits, named, args, kwargs)),
            capture_output=True,
            cwd=settings.BASE_DIR,
            env=bare_environment(),
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise TooMuchToReadError from late
    if ended.returncode:
        raise TooMuchToReadError(ended.stderr.decode(errors="replace")[-500:])
    succeeded, answer = _Answer(BytesIO(ended.stdout)).load()
    if succeeded:
        return answer  # type: ignore[no-any-return]
    raise answer


class _Answer(pickle.Unpickler):
    """What a reader says is data: nothing but our own classes, days, numbers and errors is made of it."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        if (module, name) in _PLAIN or _is_error(found):
            return found
        if isinstance(found, type) and module.partition(".")[0] in _OURS:
            return found
        raise pickle.UnpicklingError(f"{module}.{name}")


def _is_error(found: object) -> bool:
    return isinstance(found, type) and issubclass(found, Exception)
