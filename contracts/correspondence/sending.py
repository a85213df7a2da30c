"""E-mails about applications and contracts on their way out: to whom, in which language, with which links.

They are written inside the transaction of the operation that they tell of, and say what is so then.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from secrets import token_hex
from typing import Any
from unicodedata import normalize

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import override

from contracts.models import Application, Contract, ContractRequest, IssuedLetter, Provider
from portal.organisations.company.concerned import Topic, people_for
from portal.organisations.models import Organisation
from portal.outbox.queue import Sender, enqueue

CONTRACT_CONTACT = "contract_contact"
"""The particular of an application that names whom to ask about the contract."""

_ADDRESS = re.compile(r"[^\s<>()\[\],;:/、，（）「」]+@[^\s<>()\[\],;:/、，（）「」]+")

Context = Callable[[], dict[str, Any]]
"""What a template is given, worked out in the language of the e-mail."""


def people_of(
    organisation: Organisation, topic: Topic = Topic.CONTRACTS, *, about: Contract | None
) -> list[str]:
    """The addresses of those of an organisation whom e-mails of a class concern, and who want them.

    `about` is the contract that the e-mail is about; None where it is about none.
    """
    return [person.email for person in people_for(organisation, topic, about.pk if about else None)]


def application_url(application: Application) -> str:
    return str(settings.PORTAL_URL) + reverse("contracts:application-detail", args=[application.number])


def contract_url(contract: Contract) -> str:
    return str(settings.PORTAL_URL) + reverse("contracts:contract-detail", args=[contract.number])


def request_url(request: ContractRequest) -> str:
    return str(settings.PORTAL_URL) + reverse("contracts:contract-request-detail", args=[request.number])


def staff_request_url(request: ContractRequest) -> str:
    """Where staff decide on a request."""
    return str(settings.PORTAL_URL) + reverse("admin:contracts_contractrequest_change", args=[request.pk])


def queue(
    kind: str,
    application: Application,
    about: Application | Contract | ContractRequest | IssuedLetter,
    url: str,
    context: Context,
    *,
    to: Sequence[str] = (),
    letters: Iterable[IssuedLetter] = (),
    data: Mapping[str, Any] | None = None,
    key: str = "",
    secret: str = "",
    template: str = "",
) -> None:
    """Write an e-mail about something, and put it into the outbox for each of its recipients.

    It is written by the `template` of that name, else by that of its kind.
    It goes to who applied, or `to` others; once the contract has passed on, to those who act for it. With a
    `key` it goes out once, however often that is asked for. Runs inside the caller's transaction.
    """
    subject, text = composed(template or kind, application, url, context)
    event = key or f"{kind}:{about.pk}:{token_hex(8)}"
    stated = {"letters": [letter.pk for letter in letters], **(data or {})}
    for address in to or recipients(application):
        enqueue(
            kind,
            about.pk,
            address,
            sender_of(application.service.provider, application.language),
            key=f"{event}:{address}",
            number=about.number,
            organisation=application.acting_organisation,
            language=application.language,
            subject=subject,
            text=text,
            data=stated,
            secret=secret,
        )


def recipients(application: Application) -> list[str]:
    """Who is told of an application: who applied; once the contract has passed on, who acts for it.

    Where nobody acts in the portal, the contact whom an application on paper names, else the address for
    invoices. That is empty for a customer without e-mail, who is told by post.
    """
    acting = application.acting_organisation
    if acting == application.organisation and application.applicant:
        return [application.applicant.email]
    people = people_of(acting, about=Contract.objects.filter(application=application).first())
    return people or [next(_contacts(application, acting), acting.invoice_email)]


def _contacts(application: Application, acting: Organisation) -> Iterator[str]:
    if acting == application.organisation and not application.applicant:
        yield from address_in(application.particulars.get(CONTRACT_CONTACT, ""))


def address_in(stated: str) -> Iterator[str]:
    """The first e-mail address in what was stated of a person; none where there is none."""
    for found in _ADDRESS.findall(normalize("NFKC", stated)):
        try:
            validate_email(found)
        except ValidationError:
            continue
        yield found
        return


def sender_of(provider: Provider, language: str) -> Sender:
    """In whose name e-mails of a provider go out; answers go to its own address."""
    stated = provider.on(localdate())
    name = stated.name_en if language == "en" and stated.name_en else stated.name
    return Sender(name, stated.email)


def composed(kind: str, application: Application, url: str, context: Context) -> tuple[str, str]:
    """Subject and text of an e-mail by the templates of its kind, in the language of the application."""
    with override(application.language):
        values = {
            "application": application,
            "organisation": application.acting_organisation,
            "service": application.service,
            "url": url,
            **context(),
        }
        subject = render_to_string(f"contracts/email/{kind}_subject.txt", values)
        text = render_to_string(f"contracts/email/{kind}.txt", values)
    return " ".join(subject.split())[:500], _tidy(text)


def _tidy(text: str) -> str:
    """At most one empty line in a row, whatever the templates left out."""
    return re.sub(r"\n\s*\n", "\n\n", text.strip()) + "\n"
