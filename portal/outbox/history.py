"""What the audit trail says of e-mails."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from portal.audit.books import Book, Chapter
from portal.audit.telling import Choice, Fact, Read, says
from portal.outbox.kinds import all_kinds
from portal.outbox.models import Mail

_ABOUT = (
    Fact(_("Kind"), "kind", Choice(lambda: {kind.key: kind.label for kind in all_kinds()})),
    Fact(_("Number"), "number"),
)


def _moment(stored: str) -> str:
    return date_format(localtime(datetime.fromisoformat(stored)), "DATETIME_FORMAT")


BOOK = Book(
    app="outbox",
    chapters=(
        Chapter(
            "mails",
            _("E-mails"),
            {
                "mail.again": says(
                    _("The e-mail was put into the outbox again."),
                    *_ABOUT,
                    Fact(_("E-mail address"), "address"),
                ),
                "mail.went_out": says(
                    _("It was found out that the e-mail went out at %(at)s."),
                    *_ABOUT,
                    Fact(_("Evidence"), "evidence"),
                    at=Read(_moment),
                ),
                "mail.left": says(
                    _("The e-mail was left as it is."),
                    *_ABOUT,
                    Fact(_("Status"), "state", Choice(dict(Mail.State.choices))),
                ),
                "mail.bounced": says(_("The e-mail came back."), *_ABOUT, Fact(_("Why"), "why")),
            },
        ),
    ),
)
