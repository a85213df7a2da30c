"""Asking for something on the pages of a contract, as a customer does."""

import html
import re

from django.test import Client
from django.urls import reverse

from contracts.models import Contract, ContractRequest


def address(contract: Contract, kind: str) -> str:
    return reverse("contracts:contract-request-new", args=[contract.number, kind])


def request_address(request: ContractRequest) -> str:
    return reverse("contracts:contract-request-detail", args=[request.number])


def text_of(reply) -> str:
    """What a reader sees, with single spaces."""
    apart = re.sub(r"</(?:dt|dd|td|th|p|li|h\d)>", " ", reply.content.decode())
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", apart)))


def confirmed(client: Client, contract: Contract, kind: str, **typed: str) -> dict[str, str]:
    """What the confirmation page would send; fails where the page is not reached."""
    reply = client.post(address(contract, kind), {**typed, "action": "confirm"})
    page = reply.content.decode()
    assert 'name="submission_key"' in page, text_of(reply)
    hidden = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', page)
    return {**{name: html.unescape(value) for name, value in hidden}, "action": "send"}


def sent(client: Client, contract: Contract, kind: str, **typed: str) -> ContractRequest:
    """A request that went through form and confirmation."""
    reply = client.post(address(contract, kind), confirmed(client, contract, kind, **typed))
    request = ContractRequest.objects.latest("pk")
    assert reply.headers["Location"] == request_address(request)
    return request
