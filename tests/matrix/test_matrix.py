"""Every address, by GET and POST, for every role: what the table says.

An address or a role without its place in the table fails. After a page, a role or a right was added, write
the table anew and look at what changed in it:

    PORTAL_WRITE_MATRIX=1 .venv/bin/pytest tests/matrix -m "soak or not soak"
"""

import os
from collections.abc import Iterable

import pytest
import time_machine

from billing.models import Invoice
from contracts.models import ContractRequest
from portal.audit.models import AuditEntry
from portal.outbox.models import Mail
from tests import scenes
from tests.matrix import table
from tests.matrix.addresses import addresses
from tests.matrix.roles import who_comes
from tests.matrix.scene import Scene, set_scene

STAFF = ("reception", "terms", "billing", "manager", "auditor", "people", "elsewhere", "superuser")
CUSTOMERS = ("owner", "contracts", "money", "reader", "former", "other")
OPEN = {"200", table.ELSEWHERE}

LEAD_ON = {"admin:auth_user_password_change", "admin:organisations_user_second_factor"}
"""Show nothing themselves: they lead to pages that ask who comes."""

# What visitors see; all else sends them to the sign-in, or is not there.
PUBLIC = {
    "home",
    "set_language",
    "contracts:service-list",
    "contracts:service-detail",
    "contracts:terms-list",
    "contracts:terms-history",
    "contracts:terms-version",
    "contracts:terms-compare",
    "contracts:terms-as-of",
    "contracts:public-notice-list",
    "contracts:public-notice-detail",
    "account_login",
    "account_logout",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_inactive",
    "account_closed",
    "mfa_list_webauthn",
    *LEAD_ON,
}
# What is about something of one organisation; nobody of another sees it.
OF_ONE = {
    *(f"contracts:application-{page}" for page in ("detail", "documents", "questions", "withdraw", "pdf")),
    *(f"contracts:contract-{page}" for page in ("detail", "what-if", "timeline", "rules", "request-new")),
    *(f"contracts:contract-{page}" for page in ("request-detail", "request-withdraw", "document", "letter")),
    "contracts:consent-certificate",
    "contracts:notice-detail",
    *(f"billing:invoice-{page}" for page in ("detail", "pdf", "einvoice", "set-offs")),
    *(f"billing:invoice-{page}" for page in ("statement-progress", "statement-pdf")),
    *(f"billing:{page}" for page in ("reminder-pdf", "set-off-pdf", "deposit-letter-pdf", "statement-of")),
    *(f"billing:contract-{page}" for page in ("outages", "outage-withdraw")),
}
# What who had a contract before still reads of it.
OF_FORMER = {
    "contracts:application-detail",
    "contracts:application-pdf",
    "contracts:application-questions",
    "contracts:contract-detail",
    "contracts:contract-request-detail",
    "contracts:contract-document",
    "contracts:contract-letter",
    "contracts:consent-certificate",
    "contracts:notice-detail",
}


@pytest.fixture(scope="module")
def written() -> table.Table:
    return table.read()


@pytest.fixture
def scene(db, settings, make_user) -> Iterable[Scene]:
    settings.REQUEST_LIMITS, settings.ACCOUNT_RATE_LIMITS = {}, False
    with time_machine.travel(scenes.at("2026-11-20 10:00"), tick=False):
        yield set_scene(make_user)


@pytest.fixture
def clients(scene, make_staff, signed_in):
    return who_comes(scene, make_staff, signed_in)


def paths(scene: Scene) -> dict[tuple[str, str], str]:
    """The path of each address, for each thing that it is about."""
    return {(address.name, thing): path for address in addresses() for thing, path in scene.things(address)}


def stored() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (AuditEntry, Mail, ContractRequest, Invoice))


def test_who_is_refused_reaches_nothing_and_changes_nothing(scene, clients, written):
    """All cells of the table that refuse; what opens takes longer, and is looked at below.

    Every address has its line before that, and every role its column.
    """
    where, before = paths(scene), stored()
    assert set(where) == set(written)
    assert all(set(by_role) == set(clients) for by_role in written.values())
    found = [
        (address, thing, role, method, expected, came)
        for address, thing, role, method, expected in table.cells(written)
        if expected in table.REFUSED
        and (came := table.outcome(clients[role], method, where[address, thing])) != expected
    ]
    assert found == []
    assert stored() == before


@pytest.mark.soak
def test_the_whole_matrix(scene, clients):
    where = paths(scene)
    found: table.Table = {
        key: {
            role: tuple(table.outcome(client, method, path) for method in table.METHODS)
            for role, client in clients.items()
        }
        for key, path in where.items()
    }
    if os.environ.get("PORTAL_WRITE_MATRIX"):
        table.write(found)
    assert found == table.read()


# What the table must say, however it came to be written.


def test_nothing_breaks(written):
    assert [cell for cell in table.cells(written) if cell[-1].startswith("5")] == []


def test_visitors_open_what_is_public_alone(written):
    opened = {
        address
        for address, _thing, role, _method, came in table.cells(written)
        if role == "visitor" and came in OPEN
    }
    assert opened == PUBLIC


def test_others_open_nothing_of_an_organisation(written):
    opened = {
        (address, thing, came)
        for address, thing, role, _method, came in table.cells(written)
        if role == "other" and address in OF_ONE and came in OPEN
    }
    assert opened == set()


def test_what_is_of_one_organisation_is_its_own(written):
    """The owner opens each of these, so that the others are not refused for want of anything there."""
    opened = {
        address
        for address, _thing, role, _method, came in table.cells(written)
        if role in ("owner", "former", "billing") and came in OPEN
    }
    assert OF_ONE - opened <= {"billing:contract-outage-withdraw"}


def test_who_had_a_contract_reads_what_was_and_sends_nothing(written):
    opened = {
        (address, thing, method, came)
        for address, thing, role, method, came in table.cells(written)
        if role == "former" and address in OF_ONE and came in OPEN
    }
    of_later = {address for address, thing, _method, _came in opened if thing != "before"}
    assert of_later <= OF_FORMER
    assert not any(thing == "after" for _address, thing, _method, _came in opened)
    assert not any(method == "POST" and came == table.ELSEWHERE for _address, _thing, method, came in opened)


def test_customers_open_no_page_of_the_admin(written):
    opened = {
        address
        for address, _thing, role, _method, came in table.cells(written)
        if role in CUSTOMERS and address.startswith("admin") and came in OPEN
    }
    assert opened == LEAD_ON


def test_staff_without_a_factor_open_their_account_alone(written):
    opened = {
        address
        for address, _thing, role, _method, came in table.cells(written)
        if role == "no factor" and came in OPEN
    }
    assert all(
        address.startswith(("account", "mfa_", "set_language")) or address in LEAD_ON for address in opened
    ), opened


def test_staff_act_for_no_customer(written):
    """Staff read papers of customers where they have the right; they send nothing in a customer's place."""
    sent = {
        (address, role)
        for address, _thing, role, method, came in table.cells(written)
        if role in STAFF and address in OF_ONE and method == "POST" and came == table.ELSEWHERE
    }
    assert {address for address, _role in sent} == {"billing:statement-of"}  # which is for staff


def test_readers_send_nothing_about_a_contract(written):
    sent = {
        address
        for address, _thing, role, method, came in table.cells(written)
        if role == "reader" and method == "POST" and address in OF_ONE and came == table.ELSEWHERE
    }
    assert sent == set()


def test_staff_of_another_provider_find_no_paper_of_the_customer(written):
    opened = {
        address
        for address, _thing, role, _method, came in table.cells(written)
        if role == "elsewhere" and address in OF_ONE and came in OPEN
    }
    assert opened <= {"billing:statement-of"}


def test_who_keeps_people_sees_no_contract_and_no_money(written):
    opened = {
        address
        for address, _thing, role, _method, came in table.cells(written)
        if role == "people" and came == "200" and address.startswith(("admin:contracts_", "admin:billing_"))
    }
    assert opened == set()


def test_auditors_change_nothing(written):
    """What leads on after a POST alone has done something."""
    done = {
        address
        for (address, _thing), by_role in written.items()
        if address.startswith("admin:") and by_role["auditor"][1] == table.ELSEWHERE != by_role["auditor"][0]
    }
    assert done == {"admin:logout"}
