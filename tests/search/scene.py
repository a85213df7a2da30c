"""What the tests of the search ask: what is found, as a person of the staff sees it."""

from django.test import Client
from django.urls import reverse


def found(client: Client, text: str) -> dict[str, list[str]]:
    """The titles of what is found, by the kind of thing."""
    page = client.get(reverse("admin:search"), {"q": text})
    assert page.status_code == 200
    return {group.key: [hit.title for hit in group.hits] for group in page.context["groups"]}
