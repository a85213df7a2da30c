"""What the audit trail says of copies and erasures. It names nobody that is erased."""

from django.utils.translation import gettext_lazy as _

from portal.audit.books import Book, Chapter
from portal.audit.telling import Choice, Each, Fact, Value, says
from portal.retention.kinds import KINDS

_COUNTS = Each(Choice({kind.key: kind.what for kind in KINDS}), Value())

BOOK = Book(
    app="data_protection",
    chapters=(
        Chapter(
            "data_protection",
            _("Data protection"),
            {
                "data_copy.asked": says(
                    _("A file with all that is held was asked for."),
                    Fact(_("Request that it answers"), "reason"),
                ),
                "data_copy.fetched": says(_("The file with all that is held was fetched.")),
                "erasure.begun": says(
                    _("An erasure of personal data was approved and begun."),
                    Fact(_("How many"), "counts", _COUNTS),
                ),
                "erasure.finished": says(
                    _("An erasure of personal data was finished."),
                    Fact(_("How many"), "counts", _COUNTS),
                    Fact(_("Was not due any more"), "left"),
                ),
                "user.erased": says(_("The person's account was erased.")),
            },
        ),
    ),
)
