"""manage.py status: whether all parts of the installation live."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from portal.installation.health import troubles


class Command(BaseCommand):
    help = (
        "Say which parts of the installation are gone, and whether it is held back after a restore: what the"
        " staff's first page says. Exits 1 when something is wrong."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = troubles()
        except DatabaseError as error:
            raise CommandError(_("The database can't be asked: %(reason)s") % {"reason": error}) from error
        if not found:
            self.stdout.write(_("The clock, the workers, the broker and the mail server are there."))
            return
        lines = (" ".join(filter(None, (one.text, one.advice, one.command))) for one in found)
        raise CommandError("\n".join(lines))
