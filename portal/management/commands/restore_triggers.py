from typing import Any

from django.apps import apps
from django.core.checks import Tags
from django.core.management.base import BaseCommand
from django.db import connection

from portal.frozen import faults, put_back


class Command(BaseCommand):
    help = "Put back the triggers that keep rows as they are, where the database lacks them."
    requires_system_checks = (Tags.models,)
    requires_migrations_checks = True

    def handle(self, *args: Any, **options: Any) -> None:
        for model in apps.get_models():
            for fault in list(faults(model, connection)):
                with connection.schema_editor() as editor:
                    put_back(model, fault.guard, editor)
                self.stdout.write(f"{fault.trigger} was {fault.what}, and is back.")
