"""What the audit trail says of tables that were brought in."""

from django.utils.translation import gettext_lazy as _

from portal.audit.books import Book, Chapter
from portal.audit.telling import Choice, Fact, says
from portal.tables_in.kinds import kinds


def _labels() -> dict[str, object]:
    return {kind.key: kind.label for kind in kinds()}


BOOK = Book(
    app="tables_in",
    chapters=(
        Chapter(
            "tables_in",
            _("Tables brought in"),
            {
                "table.taken_in": says(
                    _("A table “%(kind)s” was taken in."),
                    Fact(_("File name"), "file"),
                    Fact(_("New rows"), "new"),
                    Fact(_("Changed rows"), "changed"),
                    Fact(_("Unchanged rows"), "unchanged"),
                    Fact(_("Refused rows"), "refused"),
                    kind=Choice(_labels),
                ),
                "table.handed_out": says(
                    _("All that is stored of “%(kind)s” was written as a table."),
                    kind=Choice(_labels),
                ),
            },
        ),
    ),
)
