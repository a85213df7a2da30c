from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.audit.models import AuditEntry
from portal.audit.verify import first_fault


class Command(BaseCommand):
    help = "Check that no entry of the audit trail was changed, removed or put in."

    def handle(self, *args: Any, **options: Any) -> None:
        if fault := first_fault():
            raise CommandError(fault)
        self.stdout.write(f"{AuditEntry.objects.count()} entries, all as they were written.")
