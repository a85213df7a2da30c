"""What people and programs outside the code rely on: addresses, commands, variables of the environment."""

import json
import os
import re
import subprocess
import sys
from argparse import Action
from collections.abc import Iterator
from pathlib import Path

from django.core.management import BaseCommand, get_commands, load_command_class
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

OUR_APPS = ("portal", "contracts", "billing")
NAMED_GROUP = re.compile(r"\(\?P<(?P<name>\w+)>(?P<form>[^)]*)\)")
PLACEHOLDER = re.compile(r"<(?:(?P<kind>\w+):)?\w+>")
SAMPLES = {"int": "1", "uuid": "6f2c1f0a-0000-4000-8000-000000000000"}

READ_VARIABLES = """
import json, os
from collections.abc import MutableMapping

class Watched(dict):
    read = set()
    def __getitem__(self, key):
        self.read.add(key)
        return super().__getitem__(key)
    def __contains__(self, key):
        self.read.add(key)
        return super().__contains__(key)
    def get(self, key, default=None):
        self.read.add(key)
        return super().get(key, default)

import environ
environ.Env.ENVIRON = Watched(os.environ)
import portal.settings
print(json.dumps(sorted(Watched.read)))
"""


def addresses() -> list[str]:
    """Each named address, as `name /route`."""
    return sorted({f"{name} /{route}" for name, route in _patterns(get_resolver(), "", "")})


def _patterns(resolver: URLResolver, before: str, namespace: str) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        route = before + _route(pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _patterns(pattern, route, inner)
        elif pattern.name:
            yield namespace + pattern.name, route


def _route(pattern: URLPattern | URLResolver) -> str:
    text = str(pattern.pattern)
    if isinstance(pattern.pattern, RegexPattern):
        return NAMED_GROUP.sub(_placeholder, text.removeprefix("^").removesuffix("$"))
    return text


def _placeholder(group: re.Match[str]) -> str:
    """What a route has instead of a group of an expression: of alternatives the first."""
    first, *others = group["form"].split("|")
    return first if others else f"<str:{group['name']}>"


def example_of(route: str) -> str:
    """An address that a route stands for."""
    return PLACEHOLDER.sub(lambda found: SAMPLES.get(found["kind"], "a"), route)


def commands() -> list[str]:
    """Each option and argument of each command of ours, as `command option`."""
    return sorted(
        f"{name} {option}".strip()
        for name, app in get_commands().items()
        if str(app).startswith(OUR_APPS)
        for option in ["", *_options(str(app), name)]
    )


def _options(app: str, name: str) -> list[str]:
    of_every_command = {(type(action), action.dest) for action in _actions(BaseCommand())}
    own = [
        action
        for action in _actions(load_command_class(app, name))
        if (type(action), action.dest) not in of_every_command
    ]
    return [option for action in own for option in action.option_strings or [action.dest]]


def _actions(command: BaseCommand) -> list[Action]:
    return command.create_parser("manage.py", "")._actions


def variables(var: Path) -> list[str]:
    """The names that the settings look up in the environment, when all is left out but where to write."""
    environment = {"PATH": os.environ["PATH"], "PORTAL_VAR": str(var)}
    found = subprocess.run(
        [sys.executable, "-c", READ_VARIABLES], env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(found.stdout)
