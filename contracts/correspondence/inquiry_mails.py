"""E-mails that tell of questions of customers and of their answers; the words stand in the portal alone."""

from collections.abc import Iterator
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import override

from contracts.correspondence.sending import people_of, sender_of
from contracts.models import Inquiry
from portal.organisations.models import Membership, User
from portal.outbox.queue import enqueue


def asked(inquiry: Inquiry) -> None:
    """Tell the provider that a customer wrote, and where it is answered."""
    url = reverse("admin:contracts_inquiry_change", args=[inquiry.pk])
    _tell("inquiry_asked", inquiry, inquiry.provider.email, settings.LANGUAGE_CODE, url)


def answered(inquiry: Inquiry) -> None:
    """Tell those of the customer who wrote that there is an answer; without one of them, who is concerned."""
    url = reverse("contracts:inquiry", args=[inquiry.number])
    told = [(person.email, person.language) for person in _writers(inquiry)]
    others = () if told else people_of(inquiry.organisation, about=inquiry.contract)
    for address, language in told or [(address, "") for address in others]:
        _tell("inquiry_answered", inquiry, address, language or inquiry.language, url)


def _writers(inquiry: Inquiry) -> Iterator[User]:
    """Who wrote for the customer, still acts for it, and sees what it is about."""
    wrote = inquiry.messages.filter(by_staff=False).values("by")
    members = Membership.objects.acting().filter(
        organisation=inquiry.organisation.standing_id, user__in=wrote, user__is_active=True
    )
    for member in members.select_related("user").order_by("pk"):
        if member.sees(inquiry.contract_id):
            yield member.user


def _tell(kind: str, inquiry: Inquiry, address: str, language: str, path: str) -> None:
    with override(language):
        values: dict[str, Any] = {
            "inquiry": inquiry,
            "organisation": inquiry.organisation,
            "stated": inquiry.provider.on(localdate()),
            "url": f"{settings.PORTAL_URL}{path}",
        }
        subject = render_to_string(f"contracts/email/{kind}_subject.txt", values)
        text = render_to_string(f"contracts/email/{kind}.txt", values)
    enqueue(
        kind,
        inquiry.pk,
        address,
        sender_of(inquiry.provider, language),
        key=f"{kind}:{inquiry.pk}:{token_hex(8)}:{address}",
        number=inquiry.number,
        organisation=inquiry.organisation,
        language=language,
        subject=" ".join(subject.split())[:500],
        text=text.strip() + "\n",
    )
