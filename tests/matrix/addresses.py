"""Every address that the portal has, found in its URL patterns, and how one of each is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True, order=True)
class Address:
    """A pattern: the name of its view, or its route where it has none, and what it asks for."""

    name: str
    asks: tuple[str, ...]
    named: bool

    def written(self, given: Mapping[str, object]) -> str:
        """The path, with what the pattern asks for."""
        if not self.named:
            return "/" + self.name
        return reverse(self.name, kwargs={ask: given[ask] for ask in self.asks})


def addresses() -> list[Address]:
    """All of them, each once, in order."""
    return sorted(set(_below(get_resolver(), "", "", ())))


def _below(resolver: URLResolver, space: str, route: str, asks: tuple[str, ...]) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        needed = (*asks, *_asked(pattern))
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _below(pattern, inner, here, needed)
        elif pattern.name:
            yield Address(f"{space}{pattern.name}", needed, named=True)
        elif not needed:
            yield Address(here, (), named=False)


def _asked(pattern: URLPattern | URLResolver) -> tuple[str, ...]:
    return tuple(pattern.pattern.regex.groupindex)
