"""What the audit trail says of the operator's texts."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portal.audit.books import Book, Chapter
from portal.audit.telling import Choice, Fact, Read, says
from portal.imprint.models import PublishedText

_DAY = Read(lambda day: date_format(date.fromisoformat(day), "DATE_FORMAT"))

BOOK = Book(
    app="imprint",
    chapters=(
        Chapter(
            "imprint",
            _("Texts of the operator"),
            {
                "imprint.published": says(
                    _("A new version of “%(kind)s” was published."),
                    Fact(_("Version"), "version"),
                    Fact(_("Holds from"), "starts_on", _DAY),
                    kind=Choice(dict(PublishedText.Kind.choices)),
                ),
            },
        ),
    ),
)
