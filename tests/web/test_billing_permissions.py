"""What may be done in the staff's pages of billing, and by whom: every action page, by every role."""

from datetime import date

import pytest
import time_machine
from django.core.cache import cache
from django.urls import get_resolver, reverse

from billing.models import UsageRecord
from billing.pricing.usage import import_usage
from portal.organisations.roles import StaffRole
from tests.billing_scene import load_priced_service, make_contract
from tests.scenes import at
from tests.usage_files import row, usage_file

USUAL = {"changelist", "add", "change", "delete", "history", "autocomplete"}
THEIR_WORK = {StaffRole.BILLING, StaffRole.MANAGER}
SOMETHING = 1


def action_pages() -> dict[str, str]:
    """The address of every action page of billing, about an object that need not exist.

    What is taken out as a file is for whoever may see the list.
    """
    named = get_resolver().namespace_dict["admin"][1].reverse_dict
    pages = {}
    for name in named:
        if not isinstance(name, str) or not name.startswith("billing_") or name.endswith("export"):
            continue
        if name.split("_", 2)[2] not in USUAL:
            takes = named.getlist(name)[0][0][0][1]
            pages[name] = reverse(f"admin:{name}", args=[SOMETHING] if takes else [])
    return pages


def test_the_action_pages_are_found():
    assert {
        "billing_invoice_return_part",
        "billing_invoice_cancel",
        "billing_invoice_pass_debts",
        "billing_billingrun_approve_run",
        "billing_billingrun_submit_run",
        "billing_billingrun_bill_rest",
        "billing_billingrun_calculate_again",
        "billing_billingrun_cancel_run",
        "billing_billingrun_progress",
        "billing_invoicemail_again",
        "billing_depositmail_again",
        "billing_usagerecord_import",
        "billing_usagerecord_process_import",
        "billing_recordedoutage_record",
        "billing_adjustment_book_damages",
        "billing_pricelistversion_change_prices",
        "billing_specialprice_set_price",
        "billing_deposit_ask",
        "billing_refusedusage_settle",
    } <= action_pages().keys()


OTHERS = [role for role in StaffRole if role != StaffRole.AUDITOR]


@pytest.mark.parametrize("role", OTHERS)
def test_actions_are_for_those_whose_work_they_are(role, staff, signed_in):
    client = signed_in(staff(role))
    for name, address in action_pages().items():
        for reply in (client.get(address), client.post(address)):
            if reply.status_code != 405:  # confirming an import takes a form that was sent
                refused = reply.status_code == 403
                assert refused == (role not in THEIR_WORK), f"{name}: {reply.status_code}"


def test_customers_and_visitors_reach_no_action(client, as_yamada):
    for address in action_pages().values():
        cache.clear()  # what counts how often somebody sends
        assert client.post(address, follow=True).redirect_chain[-1][0].startswith(reverse("account_login"))
        assert as_yamada.post(address, follow=True).status_code == 403


def test_documents_are_downloaded_by_those_who_may_see_them(staff, signed_in):
    address = reverse("admin:billing_invoice_changelist")
    chosen = {"action": "download", "_selected_action": "1"}
    for role in StaffRole:
        reply = signed_in(staff(role)).post(address, chosen)
        assert (reply.status_code == 403) == (role not in {*THEIR_WORK, StaffRole.AUDITOR})


def test_use_is_withdrawn_by_those_whose_work_it_is_for_a_reason(staff, signed_in, organisation, user):
    service = load_priced_service("ct-e1")
    make_contract(service, organisation, user, "C26-000001", {"line": 1}, billed_from=date(2026, 9, 1))
    with time_machine.travel(at("2026-10-05"), tick=False):
        import_usage(usage_file([row("u-1")]), "calls.csv", None)
    record = UsageRecord.objects.get(reference="u-1")
    address = reverse("admin:billing_usagerecord_changelist")
    chosen = {"action": "withdraw", "_selected_action": str(record.pk)}
    clients = {role: signed_in(staff(role)) for role in OTHERS}
    for role, client in clients.items():
        assert (client.post(address, chosen).status_code == 403) == (role not in THEIR_WORK)
    clerk = clients[StaffRole.BILLING]
    assert "reason" in clerk.post(address, {**chosen, "confirm": "1"}).context["form"].errors
    clerk.post(address, {**chosen, "confirm": "1", "reason": "二重の取込み"})
    record.refresh_from_db()
    assert record.withdrawal_reason == "二重の取込み"


def test_only_managers_may_override_a_late_notice(staff):
    may = {role for role in StaffRole if staff(role).has_perm("billing.override_notice_pricelistversion")}
    assert may == {StaffRole.MANAGER}
