"""What the audit trail says of retention periods."""

from django.utils.translation import gettext_lazy as _

from portal.audit.books import Book, Chapter
from portal.audit.telling import Choice, Fact, says
from portal.retention.kinds import KINDS

BOOK = Book(
    app="retention",
    chapters=(
        Chapter(
            "retention",
            _("Retention periods"),
            {
                "retention.period_set": says(
                    _("How long “%(kind)s” is kept was set."),
                    Fact(_("Provider's code"), "provider"),
                    Fact(_("Days"), "days"),
                    Fact(_("Reason"), "reason"),
                    kind=Choice({kind.key: kind.what for kind in KINDS}),
                ),
            },
        ),
    ),
)
