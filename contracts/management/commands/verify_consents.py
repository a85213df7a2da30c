from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contracts.consents.chain import first_fault
from contracts.models import Consent


class Command(BaseCommand):
    help = "Check that no consent was changed, removed or put in. Exit code 1 names the first that was."

    def handle(self, *args: Any, **options: Any) -> None:
        if fault := first_fault():
            raise CommandError(fault)
        self.stdout.write(f"{Consent.objects.count()} consents, all as they were recorded.")
