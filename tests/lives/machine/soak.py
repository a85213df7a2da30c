"""Have the machine think up as many lives as are wanted: `make soak LIVES=10000`.

Usage: python -m tests.lives.machine.soak LIVES [--seed SEED] [--service SLUG]. It plays rounds of a few lives of
each service in turn. The round that failed, and where it was stopped, it names with the seed by which it goes on.
Exits with 1 if a life failed, which it prints as a worked example.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROUND = 20


def main() -> int:
    arguments = _arguments()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(10**9)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    with tempfile.TemporaryDirectory() as var:
        os.environ["PORTAL_VAR"] = os.environ.get("SOAK_VAR", var)
        return _soak(arguments.lives, seed, arguments.service)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Lives of contracts, thought up by a machine.")
    parser.add_argument("lives", type=int, help="how many")
    parser.add_argument("--seed", type=int, help="of the first round; the next round has the next seed")
    parser.add_argument("--service", help="only the lives of this service")
    return parser.parse_args()


def _soak(lives: int, seed: int, service: str | None) -> int:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from portal.catalog import read_catalog
    from tests.lives.machine.machine import think_up

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    Path(os.environ["PORTAL_VAR"]).mkdir(exist_ok=True)
    call_command("migrate", verbosity=0)
    catalog = list(read_catalog())
    slugs = [entry.details.slug for entry in catalog if service in (None, entry.details.slug)]
    bar = Bar(lives)
    for round_seed, slug in _rounds(slugs, seed):
        try:
            failure = think_up(slug, catalog, min(ROUND, lives - bar.done), round_seed, bar.tick)
        except KeyboardInterrupt:
            print(f"\nstopped; it goes on with --seed {round_seed}")
            return 0
        if failure:
            print(f"\nservice {slug}, seed {round_seed}\n{failure}")
            return 1
        if bar.done >= lives:
            print()
            return 0
    return 0


def _rounds(slugs: list[str], seed: int) -> Iterator[tuple[int, str]]:
    """Seeds and services without end: a seed says its service."""
    while True:
        yield seed, slugs[seed % len(slugs)]
        seed += 1


class Bar:
    """How many lives were played, how fast, and how long the rest takes."""

    def __init__(self, lives: int) -> None:
        self.lives, self.done, self._since = lives, 0, time.monotonic()

    def tick(self, player: object = None) -> None:
        self.done += 1
        a_second = self.done / (time.monotonic() - self._since)
        rest = max(0, self.lives - self.done) / a_second
        filled = "#" * (30 * self.done // max(1, self.lives))
        told = f"[{filled:30}] {self.done:,}/{self.lives:,} lives, {a_second:.1f} a second, {rest / 60:.0f} minutes left "
        sys.stderr.write(f"\r{told}" if sys.stderr.isatty() else f"{told}\n" * (self.done % 100 == 0))
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
