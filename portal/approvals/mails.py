"""The e-mail that tells all managers when something was carried out without a second person."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext, override

from portal.organisations.independence import managers

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class BrokenGlass:
    """What was carried out without a second person: who answers for it, why, and what it changed."""

    what: Any
    about: str
    by: str
    reason: str
    proposed_by: str = ""
    lines: Sequence[Mapping[str, str]] = ()


def tell_of_broken_glass(broken: BrokenGlass) -> None:
    """Tell every manager; what the mail server does not take is logged."""
    with override("ja"):
        subject = gettext("Carried out without a second person: %(about)s") % {"about": broken.about}
        text = render_to_string("approvals/email/break_glass.txt", {"broken": broken})
    for manager in managers():
        try:
            send_mail(subject, text, None, [manager.email])
        except OSError:  # what the mail server and the way to it can do to us
            logger.exception("A manager could not be told of what was carried out without a second person.")
