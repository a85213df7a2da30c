"""The process in which a file is read: `python -m portal.limits.reader`, asked by `portal.limits.reading`.

Takes its limits, then the name of a function with what to give it; says whether that came to an end, and what
it gave or raised. What can't be read within the limits ends the process.
"""

import os
import pickle
import resource
import sys
from importlib import import_module

_TOO_MUCH = 3


def main() -> None:
    """Read one thing."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    (seconds, memory, largest), (module, name), args, kwargs = pickle.load(sys.stdin.buffer)  # noqa: S301 (ours)
    _limit(seconds, memory)
    try:
        answer = (True, getattr(import_module(module), name)(*args, **kwargs))
    except (MemoryError, RecursionError):
        sys.exit(_TOO_MUCH)
    except Exception as error:
        answer = (False, error)
    said = pickle.dumps(answer)
    if len(said) > largest:
        sys.exit(_TOO_MUCH)
    answers.write(said)
    answers.close()


def _limit(seconds: int, memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    main()
