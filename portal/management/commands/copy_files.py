"""manage.py copy_files: all kept files to a bucket, before the portal uses that."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.management.copying_files import Copied, copy_files
from portal.storage import StorageError, problem_of

_SAY_EACH = 100  # files


class Command(BaseCommand):
    help = (
        "Copy each kept file to the bucket that --to names as STORAGE_URL does, and check it there. Removes"
        " nothing; may be stopped and run again. Exits 1 when files are missing or altered."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", required=True, metavar="URL", help="such as s3://bucket?endpoint=…")

    def handle(self, *, to: str, **options: Any) -> None:
        if problem := problem_of(to):
            raise CommandError(f"--to can't be used: {problem}.")
        if to == settings.STORAGE_URL:
            raise CommandError("--to names where the files lie already.")
        try:
            done = copy_files(to, self._say)
        except StorageError as error:
            raise CommandError(f"{error}\nRun it again to go on where it stopped.") from error
        self.stdout.write(_said(done))
        for name in done.missing:
            self.stderr.write(f"missing: {name}")
        for name in done.altered:
            self.stderr.write(f"altered: {name}")
        if done.missing or done.altered:
            raise CommandError("Not all files were copied. Put those back from a backup, and run it again.")

    def _say(self, so_far: Copied) -> None:
        if so_far.count % _SAY_EACH == 0:
            self.stdout.write(_said(so_far))


def _said(done: Copied) -> str:
    return (
        f"{done.copied} copied, {done.there} there already, {len(done.missing)} missing,"
        f" {len(done.altered)} altered"
    )
