"""Plays the lives of a package in a process and a database of its own: `python -m portal.lives.child FILE`.

Lives move the clock of the whole process, and write a lot that is taken back: neither a server nor a worker
can do that beside its work. Says on standard output, a line of JSON for each step, how many are done, and
with the last step of a life in what it comes out otherwise.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import django


def main(file: Path) -> None:
    """Play each life without the draft, then each with it. The database is that of the settings, and new."""
    django.setup()
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command

    from portal.lives.comparing import compared
    from portal.lives.package import lives_in, publish_draft, unpack_service
    from portal.lives.running import run_life

    package: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    settings.MIGRATION_MODULES = dict.fromkeys(one.label for one in apps.get_app_configs())
    call_command("migrate", run_syncdb=True, verbosity=0, skip_checks=True)
    unpack_service(package)
    lives = lives_in(package)
    without = {}
    for done, life in enumerate(lives, start=1):
        without[life.id] = run_life(life, list)
        _say({"done": done})
    publish_draft(package)
    for done, life in enumerate(lives, start=len(lives) + 1):
        _say({"done": done, "result": compared(without[life.id], run_life(life, list))})


def _say(step: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(step, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
