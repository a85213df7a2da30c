"""Every event, found in the modules of this folder: no other list names them."""

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module

from portal.lives import events
from portal.lives.events.event import Event


def _found() -> Iterator[type[Event]]:
    for module in pkgutil.iter_modules(events.__path__, f"{events.__name__}."):
        for found in vars(import_module(module.name)).values() if module.name != __name__ else ():
            if isinstance(found, type) and issubclass(found, Event) and "do" in vars(found):
                yield found


EVENTS: Mapping[str, type[Event]] = {event.do: event for event in _found()}
"""By what lives call them."""
