"""Fill an empty portal with made-up customers and contracts, and say who can sign in."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.test.utils import override_settings
from django.utils import timezone, translation
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from contracts.inbox.daily import run_day
from contracts.models import Contract, Service
from portal.demo.approving import show_proposals
from portal.demo.billing import (
    bill_earlier_months,
    bill_last_month,
    book_payments,
    submit_this_month,
)
from portal.demo.build import Demonstration
from portal.demo.logins import Login, stored_logins
from portal.demo.money import import_usage_files, return_an_amount
from portal.demo.old_system import old_system_folder, write_old_system
from portal.demo.receivables import bank_files_folder, show_receivables
from portal.demo.story import read_story
from portal.installation.holding import HeldBackError, begin_anew
from portal.kept_files import place_of
from portal.organisations.roles import StaffRole
from portal.outbox.worker import send_all_due


class Command(BaseCommand):
    help = "Create the demonstration's people, contracts and invoices; later on only show the logins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--address", default="http://localhost:8000/", help="where the portal is served")

    def handle(self, *, address: str, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Demonstration data do not belong into production. Nothing was created.")
        self.console = Console()
        logins = stored_logins()
        mails = settings.VAR_DIR / "demo-mails"
        with (
            translation.override("ja"),
            override_settings(
                EMAIL_BACKEND="django.core.mail.backends.filebased.EmailBackend", EMAIL_FILE_PATH=str(mails)
            ),
        ):
            try:
                if logins:
                    self._bill_last_month()
                else:
                    logins = self._create()
                # Workers would have the same e-mails printed over the logins.
                run_day(timezone.localdate())
                send_all_due()
            except HeldBackError as error:
                self.stderr.write(" ".join(error.messages))
        self._show(logins, address)

    def _create(self) -> list[Login]:
        if not Service.objects.exists():
            raise CommandError("There is no service yet. Run `manage.py load_services` first.")
        if Contract.objects.exists():
            raise CommandError("There are contracts already; the demonstration needs an empty portal.")
        begin_anew()  # whatever lies among the stored files belongs to an earlier portal
        now = timezone.now()
        story = read_story()
        self.console.print("Creating customers, staff and contracts …")
        with self._progress() as progress:
            task = progress.add_task("Contracts", total=len(story.contracts))
            demonstration = Demonstration(story, now, lambda line: progress.advance(task))
            logins = demonstration.build()
        accountant, manager = (demonstration.staff[role] for role in (StaffRole.BILLING, StaffRole.MANAGER))
        import_usage_files(now, accountant)
        self.console.print("Billing earlier months …")
        bill_earlier_months(now)
        self._bill_last_month()
        book_payments(story, now)
        return_an_amount(accountant, manager, now)
        show_receivables(now, accountant, manager)
        submit_this_month(accountant, now)
        show_proposals(accountant, manager, now)
        write_old_system(now)
        return logins

    def _bill_last_month(self) -> None:
        self.console.print("Billing the last closed month …")
        with self._progress() as progress:
            bill_last_month(timezone.now(), progress)

    def _progress(self) -> Progress:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        return Progress(*columns, console=self.console)

    def _show(self, logins: list[Login], address: str) -> None:
        self.stdout.write("\nLogins:")
        for login in logins:
            factor = f"   one-time code now {login.code}   (TOTP key {login.totp_key})" if login.code else ""
            self.stdout.write(f"  {login.email:32} {login.password}   {login.role}{factor}")
        self.stdout.write("A one-time code holds for half a minute; `manage.py demo_codes` prints new ones.")
        self.stdout.write(f"Invoices (PDF): {place_of('invoices')}")
        self.stdout.write(f"Bank files to import: {bank_files_folder()}")
        self.stdout.write(f"Running contracts of an old system: {old_system_folder()}")
        self.stdout.write(f"  to bring in as a manager: {address}admin/contracts/takeover/bring")
        self.stdout.write(f"E-mails sent so far: {settings.VAR_DIR}/demo-mails")
        self.stdout.write(f"Customers and visitors: {address}")
        self.stdout.write(f"Staff: {address}admin/")
