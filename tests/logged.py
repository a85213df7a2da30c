"""Reads all that tests have logged, as an operator would, and finds what no log may say.

A test that logs a name, an address, a token or an amount of its scene passes, and the run fails at its end.
"""

import logging
import re

import pytest
import structlog

from portal.logs.lines import logging_settings

_OF_SCENES = re.compile(
    "|".join(
        (
            "山田|鈴木|花子|一郎",  # names of scenes
            r"[\w.+-]+@[\w-]+\.\w+",  # addresses of e-mails
            r"\d{1,3}(?:,\d{3})+|\d+円",  # amounts
            r"(?<=/)(?=[^/\s]*\d)[A-Za-z0-9_:-]{32,}(?=/)",  # tokens in addresses
        )
    )
)


class Reader(logging.Handler):
    """Keeps each line that says what it may not, with the test that logged it."""

    def __init__(self) -> None:
        super().__init__()
        stated = logging_settings("WARNING", as_json=True)["formatters"]["portal"]
        stated.pop("()")
        self.setFormatter(structlog.stdlib.ProcessorFormatter(**stated))
        self.test = ""
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("tests"):
            return
        line = self.format(record)
        if said := _OF_SCENES.search(line):
            self.found.append(f"{self.test}: {said[0]!r} in {line[:300]}")


READER = Reader()


def begin() -> None:
    """Read from now on."""
    logging.root.addHandler(READER)


def tell(reporter: pytest.TerminalReporter) -> None:
    """Name what was found."""
    for line in READER.found:
        reporter.write_line(f"The log says what it may not. {line}", red=True)
