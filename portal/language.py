"""Which language the interface speaks."""

from django.utils.translation import get_language


def in_english() -> bool:
    """Whether the interface speaks English; otherwise it speaks Japanese."""
    return (get_language() or "ja").startswith("en")
