"""The e-mail that tells all managers when something was carried out without a second person."""

import logging

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext, override

from portal.approvals.kinds import kind_of
from portal.approvals.models import Proposal
from portal.organisations.independence import managers

logger = logging.getLogger(__name__)


def tell_of_broken_glass(proposal: Proposal) -> None:
    """Tell every manager who carried out what, and why; what the mail server does not take is logged."""
    with override("ja"):
        subject = gettext("Carried out without a second person: %(about)s") % {"about": proposal.about}
        facts = {"proposal": proposal, "kind": kind_of(proposal).label}
        text = render_to_string("approvals/email/break_glass.txt", facts)
    for manager in managers():
        try:
            send_mail(subject, text, None, [manager.email])
        except OSError:  # what the mail server and the way to it can do to us
            logger.exception("A manager could not be told of proposal %s.", proposal.pk)
