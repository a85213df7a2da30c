"""What letters to customers have in common: the parties as they are on the day."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from unicodedata import normalize

from billing.documents.invoice_document import Issuer, Recipient
from contracts.models import Contract, Provider
from contracts.rules.policy.particulars import OF_THE_CUSTOMER, SENT_TO
from portal.organisations.models import Organisation
from portal.outbox.kinds import Addressee

_POSTAL_CODE = re.compile(r"〒?\s*([0-9]{3})-?([0-9]{4})(?![0-9])")


def issuer_on(provider: Provider, day: date) -> Issuer:
    """Who issues a letter of a day, as it states it; for several, prefetch `particulars`."""
    held = provider.on(day)
    return {
        "name": held.name,
        "corporate_number": provider.corporate_number,
        "registration_number": held.registration_number,
        "postal_code": held.postal_code,
        "address": held.address,
        "phone": held.phone,
        "email": held.email,
    }


def recipient_on(contract: Contract, day: date) -> Recipient:
    """The customer as a contract names it on a day; for several contracts, prefetch `particulars`."""
    return _recipient(contract.organisation, contract.particulars_on(day))


def recipient_of(organisation: Organisation, provider: Provider, day: date) -> Recipient:
    """The customer as a letter about all its contracts with a provider names it on a day."""
    contracts = _contracts_of(organisation, provider)
    stated = _reported_last(contracts, day)
    return _recipient(organisation, {**stated, SENT_TO: _common_destination(contracts, day)})


def email_on(contract: Contract, day: date) -> str:
    """Where the invoices of a contract go on a day."""
    return contract.particulars_on(day).get("invoice_email") or contract.organisation.invoice_email


def email_of(organisation: Organisation, provider: Provider, day: date) -> str:
    """Where letters about all contracts with a provider go on a day."""
    stated = _reported_last(_contracts_of(organisation, provider), day)
    return stated.get("invoice_email") or organisation.invoice_email


def addressee_in(document: Mapping[str, Any]) -> Addressee:
    """To whom a document goes by post: its recipient, at the address that the recipient wants it sent to."""
    recipient = document["recipient"]
    lines = list(recipient.get("sent_to") or [recipient["address"]])
    code, first = recipient["postal_code"], normalize("NFKC", lines[0])
    if own := _POSTAL_CODE.match(first):
        code, lines[0] = f"{own[1]}-{own[2]}", first[own.end() :].strip()
    return Addressee(recipient["name"], code, tuple(line for line in lines if line))


def _recipient(organisation: Organisation, stated: dict[str, str]) -> Recipient:
    recipient: Recipient = {
        "name": stated.get("name") or organisation.name,
        "corporate_number": organisation.corporate_number,
        "postal_code": stated.get("postal_code") or organisation.postal_code,
        "address": stated.get("address") or organisation.address,
    }
    lines = [line.strip() for line in stated.get(SENT_TO, "").splitlines() if line.strip()]
    address = recipient["address"]
    if _bare("".join(lines)) not in ("", _bare(address), _bare(recipient["postal_code"] + address)):
        recipient["sent_to"] = lines
    return recipient


def _bare(address: str) -> str:
    """An address without what is written now so and now so."""
    return re.sub(r"[\s〒-]", "", address)


def _contracts_of(organisation: Organisation, provider: Provider) -> list[Contract]:
    kept_by = provider.principal_id or provider.pk
    contracts = organisation.contracts.filter(service__provider=kept_by).select_related("application")
    return list(contracts.prefetch_related("particulars", "parties"))


def _common_destination(contracts: list[Contract], day: date) -> str:
    """Where invoices of all contracts that run go; empty where they go to different places."""
    running = [contract for contract in contracts if contract.ends_on is None or contract.ends_on >= day]
    places = {contract.particulars_on(day).get(SENT_TO, "") for contract in running or contracts}
    return places.pop() if len(places) == 1 else ""


def _reported_last(contracts: list[Contract], day: date) -> dict[str, str]:
    """What the contract states for which the customer last reported a change of its own data."""
    found: list[tuple[date, int, dict[str, str]]] = []
    for contract in contracts:
        reported = [
            row.starts_on
            for row in contract.particulars.all()
            if row.key in OF_THE_CUSTOMER and row.starts_on <= day
        ]
        if reported:
            found.append((max(reported), contract.pk, contract.particulars_on(day)))
    return max(found)[2] if found else {}
