"""What the audit trail says of e-mails."""

from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from portal.audit.books import Book, Chapter
from portal.audit.telling import Choice, Fact, Many, Read, says
from portal.outbox.kinds import all_kinds, kinds_seen_by, mails_seen_by
from portal.outbox.models import Mail

_ABOUT = (
    Fact(_("Kind"), "kind", Choice(lambda: {kind.key: kind.label for kind in all_kinds()})),
    Fact(_("Number"), "number"),
)


def _moment(stored: str) -> str:
    return date_format(localtime(datetime.fromisoformat(stored)), "DATETIME_FORMAT")


def _readable(request: HttpRequest) -> Q:
    """What is told of e-mails that somebody may see."""
    kinds = kinds_seen_by(request.user)
    by_kind = Q(data__kind__in=[kind.key for kind in kinds if kind.seen is None])
    some = Mail.objects.filter(kind__in=[kind.key for kind in kinds if kind.seen])
    seen = some.filter(mails_seen_by(request.user)).values_list("pk", flat=True)
    return by_kind | Q(object_id__in=[str(pk) for pk in seen])


BOOK = Book(
    app="outbox",
    readable={"outbox.mail": _readable},
    chapters=(
        Chapter(
            "mails",
            _("E-mails"),
            {
                "mail.again": says(
                    _("The e-mail was put into the outbox again."),
                    *_ABOUT,
                    Fact(_("E-mail address"), "address"),
                    Fact(_("Handed over before at"), "claimed_at", Read(_moment)),
                    Fact(_("Its files then (SHA-256)"), "files", Many()),
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
