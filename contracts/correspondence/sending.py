"""E-mails about applications and contracts on their way out: to whom, in which language, with which links.

Sending never undoes what was decided: a mail that the server does not take is logged, and the functions
say so.
"""

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override

from contracts.models import Application, Contract, ContractRequest
from portal.installation.holding import HeldBackError, move_on
from portal.installation.mail_server import noting_trouble
from portal.organisations.models import Membership, Organisation

logger = logging.getLogger(__name__)

Attachment = tuple[str, bytes]
"""A file's name and its content."""


def people_of(organisation: Organisation) -> list[str]:
    """The addresses of those who act for an organisation: its owners, or all members where it has none."""
    members = organisation.memberships.acting().select_related("user").order_by("pk")
    owners = [one.user.email for one in members if one.role == Membership.Role.OWNER]
    return owners or [one.user.email for one in members]


def application_url(application: Application) -> str:
    return str(settings.PORTAL_URL) + reverse("contracts:application-detail", args=[application.number])


def contract_url(contract: Contract) -> str:
    return str(settings.PORTAL_URL) + reverse("contracts:contract-detail", args=[contract.number])


def request_url(request: ContractRequest) -> str:
    return str(settings.PORTAL_URL) + reverse("contracts:contract-request-detail", args=[request.number])


def staff_request_url(request: ContractRequest) -> str:
    """Where staff decide on a request."""
    return str(settings.PORTAL_URL) + reverse("admin:contracts_contractrequest_change", args=[request.pk])


def send(
    name: str,
    application: Application,
    url: str,
    context: Callable[[], dict[str, Any]],
    *,
    to: Sequence[str] = (),
    attachments: Iterable[Attachment] = (),
) -> bool:
    """Write a mail and hand it over to the mail server; says whether the server took it.

    It goes to who applied, or `to` others; once the contract has passed on, to those who act for it. It goes
    to nobody while the installation is held back.
    """
    acting = application.acting_organisation
    applied = acting == application.organisation
    with override(application.language):
        values = {
            "application": application,
            "organisation": acting,
            "service": application.service,
            "url": url,
            **context(),
        }
        message = EmailMessage(
            subject=" ".join(render_to_string(f"contracts/email/{name}_subject.txt", values).split()),
            body=_tidy(render_to_string(f"contracts/email/{name}.txt", values)),
            to=list(to) or ([application.applicant.email] if applied else people_of(acting)),
            reply_to=[application.service.provider.email],
        )
    try:
        for name_of_file, content in attachments:
            message.attach(name_of_file, content, "application/pdf")
        move_on()
        with noting_trouble():
            return message.send() == 1
    # OSError: what stored files, the mail server and the way to it can do to us, smtplib's errors among them.
    except (OSError, HeldBackError):
        logger.exception("The e-mail %s on %s could not be handed over.", name, application.number)
        return False


def _tidy(text: str) -> str:
    """At most one empty line in a row, whatever the templates left out."""
    return re.sub(r"\n\s*\n", "\n\n", text.strip()) + "\n"
