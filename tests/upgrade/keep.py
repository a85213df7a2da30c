"""Keep an installation as that of a release. How, README.md tells."""

import json
import os
import re
import sqlite3
import subprocess
import zipfile
from collections import Counter
from datetime import date
from io import StringIO
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from tests.upgrade import facts, surface

# The same for each archive: else each would be another file.
ANY_DAY = (2026, 1, 1, 0, 0, 0)


def sqlite_dump() -> str:
    with sqlite3.connect(settings.DATABASES["default"]["NAME"]) as database:
        database.execute("DELETE FROM django_session")
        return "\n".join(database.iterdump()) + "\n"


def postgres_dump() -> str:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")
    options = ["--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=1000"]
    command = ["pg_dump", *options, os.environ["DATABASE_URL"]]
    dumped = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # Newer versions add commands that psql alone understands.
    return re.sub(r"(?m)^\\(un)?restrict .*\n", "", dumped)


def keep_files(target: Path) -> None:
    media = Path(settings.MEDIA_ROOT)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(one for one in media.rglob("*") if one.is_file()):
            entry = zipfile.ZipInfo(str(file.relative_to(media)), ANY_DAY)
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)


def keep_lines(target: Path, lines: list[str]) -> None:
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def billed(month: str, issued_on: str) -> dict[str, int]:
    """How many invoices each provider would issue of a month; nothing of that stays in the database."""
    with transaction.atomic():
        manager = apps.get_model("organisations.User").objects.filter(groups__name="責任者").earliest("pk")
        answered_for = {"by": manager.email, "reason": "counted, and taken back"}
        call_command("bill", month, issued_on=issued_on, workers=1, **answered_for, stdout=StringIO())
        invoices = apps.get_model("billing.Invoice").objects.filter(month=f"{month}-01")
        counted = Counter(invoices.values_list("provider__code", flat=True))
        transaction.set_rollback(True)
    return dict(sorted(counted.items()))


def keep(release: str, read_on: str, month: str, issued_on: str) -> None:
    """Write all that the tests need of the installation that the environment names into the release's folder.

    `read_on` is the day on which the state of contracts is read, `month` the next one to be billed, which is
    tried out. What is the same on each database is written again with the same content.
    """
    folder = Path(__file__).with_name(release)
    manifest = {"read_on": read_on, **facts.read_facts(date.fromisoformat(read_on))}
    dump = sqlite_dump() if connection.vendor == "sqlite" else postgres_dump()
    (folder / f"{connection.vendor}.sql").write_text(dump, encoding="utf-8")
    keep_files(folder / "files.zip")
    keep_lines(folder / "addresses.txt", surface.addresses())
    keep_lines(folder / "commands.txt", surface.commands())
    keep_lines(folder / "settings.txt", surface.variables(Path(settings.VAR_DIR)))
    manifest["next_month"] = {"month": month, "issued_on": issued_on, "invoices": billed(month, issued_on)}
    keep_lines(folder / "manifest.json", [json.dumps(manifest, ensure_ascii=False, indent=1)])
    logins = (Path(settings.VAR_DIR) / "demo-logins.json").read_text(encoding="utf-8")
    keep_lines(folder / "people.json", [json.dumps(json.loads(logins), ensure_ascii=False, indent=1)])
