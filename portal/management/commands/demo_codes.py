"""The demonstration's one-time codes of this moment."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.demo.logins import stored_logins


class Command(BaseCommand):
    help = "Print a one-time code for each of the demonstration's staff."

    def handle(self, **options: Any) -> None:
        staff = [login for login in stored_logins() if login.totp_key]
        if not staff:
            raise CommandError("There is no demonstration here yet. Run `manage.py demo` first.")
        for login in staff:
            self.stdout.write(f"{login.code}  {login.email}  {login.role}")
