from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.search.indexing import differences, rebuild


class Command(BaseCommand):
    help = "Make the table of what is found anew from what is stored; with --check, only compare the two."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; fail where they differ.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            self.stdout.write(f"{rebuild()} entries.")
        elif found := differences():
            raise CommandError("\n".join(found))
        else:
            self.stdout.write("The table holds what is stored.")
