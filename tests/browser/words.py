"""What the screens say, found by what the code says: tests read as the Japanese pages do."""

from django.utils.translation import gettext, override


def ja(message: str, **values: object) -> str:
    """The Japanese of a message, with its placeholders filled in."""
    with override("ja"):
        return gettext(message) % values if values else gettext(message)
