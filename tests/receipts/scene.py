"""What came on paper: entries by staff."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from contracts.applications.entering import enter_application
from contracts.models import Application, Contract, ContractRequest, Service
from contracts.policies.rulebooks import version_in_force
from contracts.receipts.received import Paper, Received
from contracts.requests.data import RequestData
from contracts.requests.decide import submit_request
from contracts.requests.kinds.endings import CancellationData
from contracts.rules.calendar.period import japan_date
from portal.organisations.models import User
from portal.organisations.operations import OrganisationDetails
from tests.scenes import PDF, application_data, staff_member

SCAN = Paper("fax.pdf", PDF)


def received(moment: datetime, entered_at: datetime, **changed: Any) -> Received:
    """A fax, but for what is changed."""
    stated: dict[str, Any] = {
        "channel": "fax",
        "at": moment,
        "entered_at": entered_at,
        "sender": "佐藤 次郎",
        "paper": SCAN,
    }
    stated |= changed
    stated.setdefault("staff", None)
    return Received(**{**stated, "staff": stated["staff"] or staff_member()})


def enter(contract: Contract, kind: str, data: RequestData, came: Received) -> ContractRequest:
    return submit_request(contract, came.staff, kind, data, came.at, uuid4(), received=came)


def cancel_by(contract: Contract, wanted_on: date | None, came: Received) -> ContractRequest:
    """A cancellation that came beside the portal."""
    return enter(contract, "cancellation", CancellationData(wanted_on=wanted_on), came)


def unknown_customer(**changed: str) -> OrganisationDetails:
    """Somebody of whom nothing is known but what the paper says; without e-mail."""
    stated = {
        "name": "佐藤商店",
        "kana": "サトウショウテン",
        "postal_code": "530-0001",
        "address": "大阪府大阪市北区梅田1-1-1",
        "phone": "06-0000-0000",
        "invoice_email": "",
    }
    return OrganisationDetails(**{**stated, **changed})


def apply_on_paper(
    service: Service,
    quantities: dict[str, int],
    came: Received,
    customer: Any = None,
    **changed: Any,
) -> Application:
    """An application of a new customer without e-mail, on paper."""
    version = version_in_force(service, japan_date(came.at))
    assert version
    data = application_data(version, quantities, **changed)
    return enter_application(service, customer or unknown_customer(), data, uuid4(), came)


def reception() -> User:
    return staff_member("窓口 花子")
