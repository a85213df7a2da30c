"""Every address, by GET and POST, for every role: what the table says.

An address or a role without its place in the table fails. After a page, a role or a right was added, write
the table anew and look at what changed in it:

    PORTAL_WRITE_MATRIX=1 .venv/bin/pytest tests/matrix -m "soak or not soak"
"""

import os
from collections.abc import Iterable
from functools import partial
from zlib import crc32

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse

from billing.models import Invoice
from contracts.models import ContractRequest
from portal import urls
from portal.audit.models import AuditEntry
from portal.outbox.models import Mail
from tests import scenes
from tests.matrix import table
from tests.matrix.addresses import addresses
from tests.matrix.roles import who_comes
from tests.matrix.scene import Scene, set_scene

STAFF = ("reception", "terms", "billing", "manager", "auditor", "people", "elsewhere", "superuser")
CUSTOMERS = ("owner", "contracts", "money", "reader", "limited", "removed", "former", "other", "agent")
OF_CUSTOMERS = ("contracts:", "billing:", "organisations:", "data_protection:")

LEAD_ON = {
    "admin:auth_user_password_change",
    "admin:organisations_user_second_factor",
}
"""Show nothing themselves: they lead to pages that ask who comes."""

# What visitors see; all else sends them to the sign-in, or is not there.
PUBLIC = {
    "health-live",
    "health-ready",
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
    *(f"help:{page}" for page in ("index", "page", "glossary")),
    *(f"imprint:{page}" for page in ("text", "version")),
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
    *(
        f"contracts:contract-{page}"
        for page in ("detail", "change", "what-if", "timeline", "rules", "request-new")
    ),
    *(f"contracts:contract-{page}" for page in ("request-detail", "request-withdraw", "document", "letter")),
    "contracts:consent-certificate",
    "contracts:inquiry",
    "contracts:notice-detail",
    *(f"billing:invoice-{page}" for page in ("detail", "payment-pdf", "pdf", "einvoice", "set-offs")),
    *(f"billing:invoice-{page}" for page in ("statement-progress", "statement-pdf")),
    "billing:statement-of-export",
    *(f"billing:{page}" for page in ("reminder-pdf", "set-off-pdf", "deposit-letter-pdf", "statement-of")),
    *(f"billing:contract-{page}" for page in ("outages", "outage-withdraw")),
}
# Whom an owner lets in and out.
OF_PEOPLE = {
    *(f"organisations:member{page}" for page in ("", "-remove", "-hand-over")),
    *(f"organisations:invitation-{page}" for page in ("again", "withdraw")),
}
# Of contracts, what nobody edits.
FACTS = (
    "application",
    "authoriseduser",
    "claim",
    "consent",
    "contract",
    "contractdocument",
    "contractrequest",
    "individualagreement",
    "inquiry",
    "issuedletter",
    "noticedelivery",
    "provider",
    "salesagent",
    "service",
    "suspension",
    "task",
    "termsversion",
)
# Which lists of contracts a role reads that does not read all of them.
OF_BOTH = {"companyclosure", "notice", "provider", "salesagent", "service", "termsversion"}
READ_BY = {
    "terms": {*OF_BOTH, "noticedelivery"},
    "billing": {*OF_BOTH, "claim", "contract", "individualagreement", "inquiry", "suspension", "task"},
    "people": set(),
}
# Of these the scene has none: what is asked about one is not there, or leads to the page of all.
WITHOUT_ONE = ("customernote", "posting", "takeover")
# Who does something with an object of contracts, by its model; what the others get is a 403.
DECIDING = {"reception", "manager"}
OF_TERMS = {"terms", "manager"}
READING = {"reception", "manager", "auditor"}
DONE_BY = {
    "authoriseduser": DECIDING,
    "application": DECIDING,
    "claim": {"billing", "manager"},
    "companyclosure": {"reception", "terms", "manager"},
    "contract": DECIDING,
    "contractdocument": READING,
    "contractrequest": DECIDING,
    "individualagreement": DECIDING,
    "inquiry": {"reception", "billing", "manager"},
    "issuedletter": DECIDING,
    "issuedletter_pdf": READING,
    "notice": {"reception", "terms", "manager"},
    "noticedelivery": {"reception", "terms", "manager"},
    "posting": {"reception", "billing", "manager"},
    "posting_file": {*READING, "terms", "billing", "people"},  # for nobody there: a 404 says no more
    "provider": {"manager"},
    "salesagent": OF_TERMS,
    "service": OF_TERMS,
    "suspension": DECIDING,
    "takeover": {"manager"},
    "takeover_download_template": {*READING, "terms", "billing", "people"},  # leads to `template`
    "takeover_progress": READING,
    "takeover_template": READING,
    "task": DECIDING,
    "termsversion": OF_TERMS,
    **{
        f"termsversion_{page}": {"reception", "terms", "billing", "manager", "auditor"}
        for page in ("changes", "changes_export", "correction_impact", "readings")
    },
}
USUAL = ("changelist", "change", "delete", "history", "export")
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


@pytest.fixture(autouse=True)
def refusals_are_short(monkeypatch) -> None:
    """Most of the cells are refusals: to draw the page that says so takes a fifth of the time."""
    for status in (403, 404):
        short = partial(_refused, status)
        monkeypatch.setattr(urls, f"handler{status}", short, raising=False)


def _refused(status: int, request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(status=status)


@pytest.fixture
def clients(scene, make_staff, signed_in):
    return who_comes(scene, make_staff, signed_in)


def paths(scene: Scene) -> dict[tuple[str, str], str]:
    """The path of each address, for each thing that it is about."""
    return {(address.name, thing): path for address in addresses() for thing, path in scene.things(address)}


def stored() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (AuditEntry, Mail, ContractRequest, Invoice))


def is_tried_each_time(address: str, role: str, method: str, expected: str) -> bool:
    """What refuses, the customers' addresses, and what of contracts staff look at; the rest takes long.

    To the admin customers are one like the other: of them the owner alone tries its addresses.
    """
    if address.startswith("admin:") and role in CUSTOMERS and role != "owner":
        return False
    of_customers = address.startswith(OF_CUSTOMERS) or address == "home"
    looked_at = method == "GET" and address.startswith("admin:contracts_")
    return of_customers or looked_at or expected in table.REFUSED


@pytest.mark.parametrize("share", [5, pytest.param(1, marks=pytest.mark.thorough)])
def test_everybody_gets_what_the_table_says(scene, clients, written, share):
    """Every address has its line before that, and every role its column; one cell in so many is tried."""
    where, before = paths(scene), stored()
    assert set(where) == set(written)
    assert all(set(by_role) == set(clients) for by_role in written.values())
    otherwise, kept_by_caches = [], set()
    for address, thing, role, method, expected in table.cells(written):
        drawn = role == "visitor" or crc32(f"{address} {role} {method}".encode()) % share == 0
        if not (drawn and is_tried_each_time(address, role, method, expected)):
            continue
        reply = table.reply_to(clients[role], method, where[address, thing])
        if (came := table.outcome(reply)) != expected:
            otherwise.append((address, thing, role, method, expected, came))
        if not {"no-store", "private"} <= set(reply.headers.get("Cache-Control", "").split(", ")):
            kept_by_caches.add((role, address))
    assert otherwise == []
    assert stored() == before
    assert {role for role, _address in kept_by_caches} == {"visitor"}
    assert {("visitor", address) for address in PUBLIC if address.startswith("contracts:")} <= kept_by_caches


@pytest.mark.soak
def test_the_whole_matrix(scene, clients):
    where = paths(scene)
    found: table.Table = {
        key: {
            role: tuple(table.outcome(table.reply_to(client, method, path)) for method in table.METHODS)
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
        if role == "visitor" and table.opens(came)
    }
    assert opened == PUBLIC


def test_others_open_nothing_of_an_organisation(written):
    opened = {
        (address, thing, came)
        for address, thing, role, _method, came in table.cells(written)
        if role == "other" and address in OF_ONE and table.opens(came)
    }
    assert opened == set()


def test_a_sales_agent_opens_nothing_of_an_organisation_that_is_no_customer(written):
    opened = {
        (address, thing, came)
        for address, thing, role, _method, came in table.cells(written)
        if role == "agent" and address in OF_ONE and table.opens(came)
    }
    assert opened == set()


def test_the_desk_of_a_sales_agent_is_for_its_people_and_of_its_customers(written):
    desk = {key: by_role for key, by_role in written.items() if key[0].startswith("contracts:desk")}
    assert len({address for address, _thing in desk}) == 11
    for (address, thing), by_role in desk.items():
        opened = {role for role, cells in by_role.items() if any(map(table.opens, cells))}
        assert opened == (set() if thing == "none" else {"agent"}), (address, thing)


def test_what_is_of_one_organisation_is_its_own(written):
    """The owner opens each of these, so that the others are not refused for want of anything there.

    But for outages withdrawn, and invoices paid in full, of which the scene has none.
    """
    opened = {
        address
        for address, _thing, role, _method, came in table.cells(written)
        if role in ("owner", "former", "billing") and table.opens(came)
    }
    assert OF_ONE - opened <= {"billing:contract-outage-withdraw", "billing:invoice-payment-pdf"}


def test_who_had_a_contract_reads_what_was_and_sends_nothing(written):
    opened = {
        (address, thing, method, came)
        for address, thing, role, method, came in table.cells(written)
        if role == "former" and address in OF_ONE and table.opens(came)
    }
    of_later = {address for address, thing, _method, _came in opened if thing != "before"}
    assert of_later <= OF_FORMER
    assert not any(thing == "after" for _address, thing, _method, _came in opened)
    assert not any(method == "POST" and table.leads_on(came) for _address, _thing, method, came in opened)


def test_customers_open_no_page_of_the_admin(written):
    opened = {
        address
        for address, _thing, role, _method, came in table.cells(written)
        if role in CUSTOMERS and address.startswith("admin") and table.opens(came)
    }
    assert opened == LEAD_ON


def test_staff_without_a_factor_open_their_account_alone(written):
    opened = {
        address
        for address, _thing, role, _method, came in table.cells(written)
        if role == "no factor" and table.opens(came)
    }
    assert all(
        address.startswith(("account", "mfa_", "set_language")) or address in LEAD_ON for address in opened
    ), opened


def test_staff_act_for_no_customer(written):
    """Staff read papers of customers where they have the right; they send nothing in a customer's place."""
    sent = {
        (address, role)
        for address, _thing, role, method, came in table.cells(written)
        if role in STAFF and address in OF_ONE and method == "POST" and table.leads_on(came)
    }
    assert {address for address, _role in sent} == {"billing:statement-of"}  # which is for staff


def test_readers_send_nothing_about_a_contract(written):
    sent = {
        address
        for address, _thing, role, method, came in table.cells(written)
        if role == "reader" and method == "POST" and address in OF_ONE and table.leads_on(came)
    }
    assert sent == set()


def test_staff_of_another_provider_find_no_paper_of_the_customer(written):
    opened = {
        address
        for address, _thing, role, _method, came in table.cells(written)
        if role == "elsewhere" and address in OF_ONE and table.opens(came)
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
        if address.startswith("admin:")
        and table.leads_on(by_role["auditor"][1])
        and by_role["auditor"][0] != by_role["auditor"][1]
    }
    assert done == {"admin:logout"}


def test_who_was_a_member_is_nobody_any_more(written):
    opened = {
        address
        for address, _thing, role, _method, came in table.cells(written)
        if role == "removed" and address.startswith(OF_CUSTOMERS) and came == "200"
    }
    of_nobody = (
        PUBLIC
        | {f"organisations:{page}" for page in ("create", "join", "address")}
        | {"data_protection:own-data"}
    )
    assert opened <= of_nobody
    asked_in = {
        came
        for address, _thing, role, _method, came in table.cells(written)
        if role == "removed" and address in OF_ONE | OF_PEOPLE
    }
    assert asked_in <= {"404", "405", ">organisations:create"}


def test_members_limited_to_another_contract_find_nothing_of_this_one(written):
    opened = {
        address
        for address, _thing, role, _method, came in table.cells(written)
        if role == "limited" and address in OF_ONE and (table.opens(came) or came == "403")
    }
    assert opened <= {"billing:contract-outage-withdraw"}


def test_owners_alone_decide_who_is_in(written):
    opened = {
        (role, address)
        for address, _thing, role, _method, came in table.cells(written)
        if address in OF_PEOPLE and table.opens(came) and came != ">organisations:create"
    }
    assert opened == {("owner", address) for address in OF_PEOPLE}


def test_facts_are_read_and_never_edited(written):
    """No role changes, adds or deletes what happened to a contract."""
    for model in FACTS:
        for thing in (key[1] for key in written if key[0] == f"admin:contracts_{model}_change"):
            change, delete = (
                written[f"admin:contracts_{model}_{page}", thing] for page in ("change", "delete")
            )
            assert change["manager"] == ("200", "403"), model
            assert {change[role][1] for role in STAFF} <= {"403", "404"}, model
            assert {delete[role][1] for role in STAFF} <= {"403", "404"}, model
        add = written[f"admin:contracts_{model}_add", ""]
        assert {add[role] for role in STAFF} == {("403", "403")}, model


def test_each_role_reads_the_lists_that_its_work_needs(written):
    lists = {
        model: written[f"admin:contracts_{model}_changelist", ""]
        for model in (*FACTS, "companyclosure", "notice")
    }
    for role in ("reception", "terms", "billing", "manager", "auditor", "people"):
        read = {model for model, cells in lists.items() if cells[role][0] == "200"}
        assert read == READ_BY.get(role, set(lists)), role
        assert all(cells[role] == ("403", "403") for model, cells in lists.items() if model not in read), role


def test_what_is_done_with_contracts_is_for_the_roles_whose_work_it_is(written):
    roles = ("reception", "terms", "billing", "manager", "auditor", "people")
    for (address, thing), by_role in written.items():
        name = address.removeprefix("admin:contracts_")
        model, _line, page = name.partition("_")
        never_added = page == "add" and model in (*FACTS, *WITHOUT_ONE)
        if name == address or page in USUAL or never_added:
            continue
        reached = {role for role in roles if by_role[role] != ("403", "403")}
        assert reached == DONE_BY.get(name, DONE_BY[model]), (address, thing)
