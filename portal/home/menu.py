"""How much waits at each entry of the menu, counted in one query a kind where a page shows it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.timezone import localdate

from billing.inbox.to_do import invoices_to_pay, unpaid_deposits
from contracts.consents.renewals import to_answer
from contracts.extensions.to_do import Area
from contracts.inbox.to_do import suspended_contracts, waiting_applications, waiting_requests
from contracts.models import Notice
from portal.organisations.access import acting_membership
from portal.organisations.models import Membership


def menu_counts(request: HttpRequest) -> dict[str, Any]:
    """For templates: `menu_counts`, by the keys of areas; empty for visitors, and staff at their own work."""
    return {"menu_counts": SimpleLazyObject(lambda: _of(request))}


def _of(request: HttpRequest) -> Mapping[str, int]:
    membership = acting_membership(request)
    return counted(membership, localdate()) if membership else {}


def counted(membership: Membership, day: date) -> dict[str, int]:
    """How much waits for a member on a day."""
    contracts = (
        suspended_contracts(membership, day),
        waiting_requests(membership),
        waiting_applications(membership),
    )
    money = (invoices_to_pay(membership, day), unpaid_deposits(membership))
    unread = Notice.objects.shown_to(membership).to_read(membership.user)
    return {
        Area.CONTRACTS: sum(found.count() for found in contracts),
        Area.INVOICES: sum(found.count() for found in money),
        Area.NOTICES: unread.count() + len(to_answer(membership, day)),
    }
