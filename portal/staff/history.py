"""What the audit trail says of the installation, and of itself."""

from django.apps import apps
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.audit.books import Book, Chapter
from portal.audit.exports.lists import title_of
from portal.audit.stories import AboutTheSame
from portal.audit.telling import Choice, Fact, Many, Read, says
from portal.formats.spreadsheets import Format
from portal.installation.holding import Reason


def _reason(stored: str) -> str:
    return (
        gettext("The stored files are older than the database.")
        if stored == "files_behind"
        else Reason(stored).text
    )


BOOK = Book(
    app="audit",
    strands={"audit.auditentry": (AboutTheSame(),)},
    chapters=(
        Chapter(
            "installation",
            _("Installation"),
            {
                "installation.settled": says(
                    _("What was open after a restore was settled."),
                    Fact(_("Reason"), "reason", Read(_reason)),
                    Fact(_("Waiting e-mails go out"), "sent"),
                    Fact(_("E-mails"), "mails"),
                    Fact(_("Reminders"), "reminders"),
                    Fact(_("Billing runs"), "runs", Many()),
                    Fact(_("Numbers"), "numbers"),
                ),
                "customer_view.started": says(
                    _("The customer's pages were opened as the customer sees them."),
                    Fact(_("Reason"), "reason"),
                ),
                "customer_view.ended": says(_("The customer's pages were closed again.")),
                "personal_data.erased": says(
                    _("Personal data were erased from records: %(of)s."),
                    Fact(_("Numbers"), "records", Many()),
                    of=Read(lambda label: apps.get_model(label)._meta.verbose_name),
                ),
            },
        ),
        Chapter(
            "exports",
            _("Exports"),
            {
                "list.exported": says(
                    _("%(count)s rows of the list “%(list)s” were exported (%(format)s)."),
                    Fact(_("Chosen by"), "chosen"),
                    list=Read(title_of),
                    format=Choice(dict(Format.choices)),
                ),
                # Of earlier releases: how exports of the trail itself were recorded.
                "audit.exported": says(
                    _("%(count)s entries of the audit trail were exported as %(format)s."),
                    Fact(_("Chosen by"), "chosen"),
                ),
            },
        ),
    ),
)
