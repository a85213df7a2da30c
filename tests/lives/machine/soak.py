"""Have the machine think up as many lives as are wanted: `make soak LIVES=10000`.

Usage: python -m tests.lives.machine.soak LIVES [--seed SEED] [--service SLUG]. It plays rounds of a few lives
of each service in turn, each with the next seed, in a database of its own. Stopped by Ctrl+C, it says with
which seed it goes on. Exits with 1 if a life failed, and prints the smallest that does as a worked example.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator

ROUND = 20


def main() -> int:
    arguments = _arguments()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(10**9)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    with tempfile.TemporaryDirectory() as var:
        os.environ["PORTAL_VAR"] = var
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
    from django.core.management import call_command

    from portal.catalog import read_catalog
    from tests.lives.machine.machine import think_up

    call_command("migrate", verbosity=0)
    catalog = list(read_catalog())
    slugs = [entry.details.slug for entry in catalog if service in (None, entry.details.slug)]
    bar = Bar(lives)
    for round_seed, slug in _rounds(slugs, seed):
        if bar.done >= lives:
            break
        bar.round = f"{slug}, --seed {round_seed}"
        try:
            failure = think_up(slug, catalog, min(ROUND, lives - bar.done), round_seed, came_out=bar.tick)
        except KeyboardInterrupt:
            sys.stdout.write(f"\nStopped after {bar.done:,} lives; go on with --seed {round_seed}.\n")
            return 0
        if failure:
            sys.stdout.write(f"\nA life of {slug} fails (--seed {round_seed}):\n{failure}\n")
            return 1
    sys.stdout.write(f"\n{bar.done:,} lives came out; the next are those of --seed {round_seed}.\n")
    return 0


def _rounds(slugs: list[str], seed: int) -> Iterator[tuple[int, str]]:
    """Seeds and services without end: a seed says its service."""
    while True:
        yield seed, slugs[seed % len(slugs)]
        seed += 1


class Bar:
    """How many lives were played, how fast, and how long the rest takes."""

    def __init__(self, lives: int) -> None:
        self.lives, self.done, self.round, self._since = lives, 0, "", time.monotonic()

    def tick(self, player: object) -> None:
        self.done += 1
        a_second = self.done / (time.monotonic() - self._since)
        rest = max(0, self.lives - self.done) / a_second
        filled = "#" * (30 * self.done // self.lives)
        told = f"[{filled:30}] {self.done:,}/{self.lives:,} lives, {a_second:.1f}/s, {rest / 60:.0f} min left"
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{told} ({self.round})   ")
        elif self.done % 100 == 0:
            sys.stderr.write(f"{told} ({self.round})\n")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
