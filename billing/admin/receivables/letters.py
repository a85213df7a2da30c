"""Letters about what is owed, as pages of staff name them."""

from django.urls import reverse
from django.utils.translation import gettext as _

from billing.correspondence.letter_pdfs import AnyLetter
from contracts.admin.html import link


def letter_link(letter: AnyLetter, view: str, text: str) -> str:
    """The way to a letter's PDF; while a worker draws it, its text alone, which says so."""
    if not letter.pdf:
        return _("%(letter)s (being drawn)") % {"letter": text}
    return link(reverse(view, args=[letter.pk]), text)
