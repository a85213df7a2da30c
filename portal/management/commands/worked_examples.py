"""Run worked examples through the rules that the portal uses."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from billing.calculation.service import PricedService
from contracts.rules.examples.evaluation import Result, check
from contracts.rules.examples.example_file import Example, ExampleFileError, read_examples
from portal.catalog import CATALOG, CatalogError, read_catalog
from portal.lives import example as lives
from portal.lives.running import run_life
from portal.services import EXAMPLES, loaded_services

UNREADABLE = 2


class Command(BaseCommand):
    help = (
        "Evaluate worked examples. Without a file: those of every loaded service. "
        "Exit code 1 if one fails, 2 if a file can't be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="a JSON list of examples")
        parser.add_argument("--service", metavar="SLUG", help="only the examples of this service")
        parser.add_argument("--json", action="store_true", help="print every example's full decision")

    def handle(self, *, files: list[Path], service: str | None, **options: Any) -> None:
        services = {loaded.slug: loaded for loaded in self._services()}
        if service is not None and service not in services:
            known = ", ".join(sorted(services))
            raise CommandError(f"there is no service '{service}'; there are: {known}", returncode=UNREADABLE)
        wanted = [service] if service else list(services)
        examples = self._read(files or [file for slug in wanted if (file := _shipped_with(slug)).exists()])
        if service is not None:
            examples = [example for example in examples if example.service == service]
        results = [self._result(example, services) for example in examples]
        self._report(results, as_json=options["json"])

    @staticmethod
    def _result(example: Example, services: Mapping[str, PricedService]) -> Result:
        if example.kind == lives.KIND:
            return run_life(example, _catalog)
        return check(example, services.get(example.service), EXAMPLES)

    def _services(self) -> list[PricedService]:
        try:
            services = loaded_services()
        except DatabaseError:
            services = []
        if services:
            return services
        self.stderr.write("No service is loaded in the database; using the catalog's files.")
        try:
            return [entry.loaded for entry in read_catalog()]
        except CatalogError as error:
            raise CommandError(str(error), returncode=UNREADABLE) from error

    def _read(self, files: Iterable[Path]) -> list[Example]:
        examples: list[Example] = []
        errors: list[str] = []
        place_of: dict[str, Path] = {}
        for file in files:
            try:
                found = read_examples(file)
            except ExampleFileError as error:
                errors += (f"{file}: {problem}" for problem in error.problems)
                continue
            errors += (
                f"{file}: the example {example.id} stands in {place_of[example.id]} too; give each its own id"
                for example in found
                if example.id in place_of
            )
            place_of |= {example.id: file for example in found}
            examples += found
        if errors:
            raise CommandError("\n".join(errors), returncode=UNREADABLE)
        return examples

    def _report(self, results: list[Result], *, as_json: bool) -> None:
        failed = [result for result in results if not result.passed]
        summary = f"{len(results) - len(failed)} passed, {len(failed)} failed"
        if as_json:
            answers = [result.to_json() for result in results]
            self.stdout.write(json.dumps(answers, ensure_ascii=False, indent=2))
            self.stderr.write(summary)
        else:
            for result in failed:
                self.stdout.write(str(result))
            self.stdout.write(summary)
        if failed:
            sys.exit(1)


_catalog = cache(read_catalog)


def _shipped_with(slug: str) -> Path:
    """Where a service of the catalog has its examples; a service from elsewhere has none there."""
    return CATALOG / slug / "examples.json"
