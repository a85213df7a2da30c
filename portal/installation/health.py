"""Which parts of the installation are gone, in words: for the staff's first page, and for scripts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from celery import current_app
from django.apps import apps
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.installation.apps import InstallationConfig
from portal.installation.holding import Reason, state
from portal.installation.models import DamagedFile, SignOfLife

PATIENCE = timedelta(seconds=90)
"""How long a part may be silent: each is heard of every half minute, or every minute."""

SETTLE = "manage.py after_restore"

MOST_NAMED = 5
"""So many damaged files are named; of the others it is said that there are more."""

Part = SignOfLife.Part


@dataclass(frozen=True)
class Trouble:
    """What is wrong, and what to do about it; `command` is to be run on the server."""

    text: str
    advice: str
    command: str = ""


@dataclass(frozen=True)
class _Words:
    """`never` is for a part that has not been heard of yet."""

    since: Any
    never: Any
    advice: Any
    command: str = ""


_WORDS = {
    Part.CLOCK: _Words(
        gettext_lazy(
            "The clock of the work in the background has been gone since %(since)s: nothing is tried again,"
            " and no reminders go out."
        ),
        gettext_lazy(
            "The clock of the work in the background has never run: nothing is tried again, and no reminders"
            " go out."
        ),
        gettext_lazy("Please have it started on the server:"),
        "celery --app portal beat",
    ),
    Part.WORKER: _Words(
        gettext_lazy(
            "No worker has been heard of since %(since)s: billing runs, PDFs and waiting e-mails stand still."
        ),
        gettext_lazy("No worker has ever run: billing runs, PDFs and waiting e-mails stand still."),
        gettext_lazy("Please have one started on the server:"),
        "celery --app portal worker",
    ),
    Part.BROKER: _Words(
        gettext_lazy(
            "The broker has taken no messages since %(since)s, so that workers learn of no work: %(trouble)s"
        ),
        gettext_lazy("The broker has never taken a message, so that workers learn of no work: %(trouble)s"),
        gettext_lazy("Please have it started, or BROKER_URL corrected. The work goes on by itself then."),
    ),
    Part.MAIL: _Words(
        gettext_lazy("The mail server has not been reached since %(since)s; e-mails wait: %(trouble)s"),
        gettext_lazy("The mail server has never been reached; e-mails wait: %(trouble)s"),
        gettext_lazy(
            "Please have it started, or EMAIL_URL corrected. E-mails that wait go out by themselves."
        ),
    ),
}

_HEARD_OF = (Part.CLOCK, Part.WORKER)
"""Those who speak for themselves; of the others it is told when they fail."""


def troubles(watched_since: datetime | None = None) -> list[Trouble]:
    """All that is wrong with the installation at this moment.

    A part counts as gone only once it might have been heard of since `watched_since`, so that nobody cries
    out while all is being started. Asks the database three questions.
    """
    signs = {sign.part: sign for sign in SignOfLife.objects.all()}
    gone = [part for part in _WORDS if _is_gone(part, signs.get(part), watched_since)]
    return [*_of_files(), *(_in_words(_WORDS[part], signs.get(part)) for part in gone)]


def started_at() -> datetime:
    """When this process was started."""
    return cast(InstallationConfig, apps.get_app_config("installation")).started_at


def _of_files() -> Iterator[Trouble]:
    found = state()
    if found.reason:
        yield held(found.reason)
    if found.files_behind:
        yield Trouble(
            _("The folder of stored files is older than the database: files may be missing."),
            _("Please have the newest backup of the files restored, and what was restored settled:"),
            SETTLE,
        )
    yield from _of_damaged_files()


def _of_damaged_files() -> Iterator[Trouble]:
    damaged = list(DamagedFile.objects.all())
    if not damaged:
        return
    named = [f"{file.name} ({file.get_how_display()})" for file in damaged[:MOST_NAMED]]
    text = ngettext(
        "A stored file is missing or was altered, and is not handed out: %(names)s",
        "%(count)s stored files are missing or were altered, and are not handed out: %(names)s",
        len(damaged),
    )
    yield Trouble(
        text % {"count": len(damaged), "names": ", ".join(named) + (" …" if damaged[MOST_NAMED:] else "")},
        _(
            "Please have them put back from a backup of the files. Each is told of until it is handed out"
            " again as it was stored."
        ),
    )


def held(reason: Reason) -> Trouble:
    """That the installation is held back."""
    text = _("%(reason)s Nothing is sent or billed, and what people send in is refused.")
    advice = _("Please have it looked at on the server. This says what may have gone out, and settles it:")
    return Trouble(text % {"reason": reason.text}, advice, SETTLE)


def _is_gone(part: Part, sign: SignOfLife | None, watched_since: datetime | None) -> bool:
    now = timezone.now()
    if part not in _HEARD_OF and not (sign and sign.failed_at and now - sign.failed_at <= PATIENCE):
        return False
    if sign is None:
        return not current_app.conf.task_always_eager and _is_long_ago(watched_since, now)
    if part not in _HEARD_OF:
        return _is_long_ago(sign.at, now)
    heard = [moment for moment in (sign.at, watched_since) if moment]
    return _is_long_ago(max(heard, default=None), now)


def _is_long_ago(moment: datetime | None, now: datetime) -> bool:
    return moment is None or now - moment > PATIENCE


def _in_words(words: _Words, sign: SignOfLife | None) -> Trouble:
    text = words.since if sign and sign.at else words.never
    filled = {
        "since": date_format(timezone.localtime(sign.at), "Y-m-d H:i") if sign and sign.at else "",
        "trouble": sign.trouble if sign else "",
    }
    return Trouble(text % filled, str(words.advice), words.command)
