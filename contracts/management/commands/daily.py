from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from contracts.inbox.daily import run_day
from portal.installation.holding import HeldBackError
from portal.outbox.worker import send_all_due


class Command(BaseCommand):
    help = (
        "Send the reminders of a day, each once, and all e-mails that are due; remove old drafts of "
        "applications, and secrets in e-mails that went out long enough ago. "
        "Run it every day; late, twice or two at once does no harm. "
        "Contracts, deadlines and pages are right without it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", metavar="DATE", type=_day, help="the day as YYYY-MM-DD; default: today")

    def handle(self, *args: Any, **options: Any) -> None:
        on = options["on"] or timezone.localdate()
        try:
            report = run_day(on)
            send_all_due()
        except HeldBackError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{on}: {report.sent} sent, {report.sent_before} sent before.")
        if report.drafts_removed:
            self.stdout.write(f"{report.drafts_removed} drafts of applications removed, untouched for long.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"'{text}' is not a day; write it as YYYY-MM-DD.") from error
