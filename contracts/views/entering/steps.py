"""What the pages of an entry read of what was posted."""

from uuid import UUID

from django.http import HttpRequest

from contracts.models import Receipt


def key_in(request: HttpRequest) -> UUID | None:
    """The key under which the page that asks to record it stores it once."""
    try:
        return UUID(request.POST.get("submission_key", ""))
    except ValueError:
        return None


def channel_text(channel: str) -> str:
    """How something came, as the page says it."""
    return str(Receipt.Channel(channel).label)
