"""Load the services of a catalog: providers, terms versions with their policies, price lists."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from billing.calculation.prices import PriceListError
from contracts.publishing.catalog_readings import ReadingRefusedError
from contracts.publishing.publish import PublicationRefused
from contracts.rules.policy.reading import PolicyError
from portal.catalog import CATALOG, CatalogError
from portal.loading import ExamplesFailError, load_catalog

_REFUSED = (
    CatalogError,
    ExamplesFailError,
    PolicyError,
    PublicationRefused,
    ReadingRefusedError,
    PriceListError,
)


class Command(BaseCommand):
    help = "Load services from a catalog's folder (default: the five that ship with the project). Repeatable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", nargs="?", type=Path, default=CATALOG, help="the catalog's folder")

    def handle(self, *, path: Path, **options: Any) -> None:
        try:
            load_catalog(path, timezone.now(), self.stdout.write)
        except _REFUSED as error:
            raise CommandError(f"Nothing was loaded.\n{error}") from error
