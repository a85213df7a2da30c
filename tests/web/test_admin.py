"""What staff do in the admin: each button carries out its operation, and says what came of it."""

from collections import Counter

import pytest
from django.core import mail
from django.urls import reverse

from contracts.lifecycle.suspensions import suspend
from contracts.models import Application, CompanyClosure, Contract, ContractRequest, Service
from contracts.requests.product_forms import ProductChangeData
from portal.audit.models import AuditEntry
from portal.organisations.roles import StaffRole
from portal.outbox.models import Mail
from tests import scenes
from tests.billing_scene import add_price_list


def address(model: str, action: str, pk: int) -> str:
    return reverse(f"admin:contracts_{model}_{action}", args=[pk])


OFFERED = {
    "application": ("accept", "refuse"),
    "contract": ("send_acceptance", "register", "activate", "suspend", "lift"),
}


def buttons(client, model: str, pk: int) -> set[str]:
    """The actions that the page of an object offers."""
    page = client.get(address(model, "change", pk)).content.decode()
    return {name for name in OFFERED[model] if f'"{address(model, name, pk)}"' in page}


def accepted(service: Service, items: dict[str, int]) -> Contract:
    """A contract of 山田商事 whose acceptance has gone out."""
    contract = scenes.accept(scenes.apply(service, items, scenes.at("2026-11-18")), scenes.at("2026-11-19"))
    Contract.objects.filter(pk=contract.pk).update(acceptance_sent_at=contract.accepted_at)
    return contract


def test_an_application_is_shown_with_all_that_was_sent(application, as_reception):
    page = as_reception.get(address("application", "change", application.pk)).content.decode()
    for shown in ("山田商事株式会社", "外線ライセンス × 2 回線", "記載例", "2015-04-01", "192.0.2.1"):
        assert shown in page
    assert application.terms_version.content_hash in page
    assert buttons(as_reception, "application", application.pk) == {"accept", "refuse"}


def test_staff_see_the_estimate_that_the_applicant_saw(ct_e1, as_reception):
    """2 lines at 5,000 a month; the standard set-up once at 300,000; 10 per cent tax on each."""
    sent = scenes.apply(ct_e1, {"line": 2, "setup-standard": 1}, scenes.at("2026-11-18"))
    add_price_list(ct_e1, scenes.day("2026-11-19"), {"line": 9_000, "setup-standard": 1})
    for step in ("change", "accept"):
        page = as_reception.get(address("application", step, sent.pk)).content.decode()
        for shown in ("¥10,000", "¥1,000", "¥11,000", "¥300,000", "¥30,000", "¥330,000", "2026年11月18日"):
            assert shown in page, shown


def test_staff_see_what_needs_a_quotation_and_the_form_as_it_was_sent(ct_e1, as_reception):
    sent = scenes.apply(ct_e1, {"line": 6, "setup-standard": 1}, scenes.at("2026-11-18"))
    page = as_reception.get(reverse("admin:contracts_application_change", args=[sent.pk])).content.decode()
    assert "外線ライセンス 1 回線" in page
    assert reverse("contracts:application-pdf", args=[sent.number]) in page
    accepting = as_reception.get(reverse("admin:contracts_application_accept", args=[sent.pk]))
    assert "外線ライセンス 1 回線" in accepting.content.decode()


def test_the_queue_is_filtered_and_searched(application, contract, as_reception):
    queue = reverse("admin:contracts_application_changelist")
    waiting = as_reception.get(queue, {"status__exact": "submitted"}).content.decode()
    assert application.number in waiting
    assert contract.application.number not in waiting
    assert application.number in as_reception.get(queue, {"q": "山田"}).content.decode()
    assert application.number not in as_reception.get(queue, {"q": "佐藤"}).content.decode()


def test_accepting_creates_the_contract_and_tells_the_applicant(
    application, as_reception, django_capture_on_commit_callbacks
):
    asked = as_reception.get(address("application", "accept", application.pk))
    assert "外線ライセンス" in asked.content.decode()
    assert "C26-000001" in asked.content.decode(), "the e-mail that goes out is read before"
    assert not Contract.objects.exists(), "a look at the page accepts nothing"
    assert not Mail.objects.filter(kind="application_accepted").exists()
    Mail.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        reply = as_reception.post(address("application", "accept", application.pk), follow=True)
    contract = Contract.objects.get(application=application)
    assert contract.formed_on == scenes.day("2026-11-20")
    assert contract.number in reply.content.decode()
    assert len(mail.outbox) == 1
    assert AuditEntry.objects.filter(action="application.accepted").get().actor.email == (
        "reception@provider.example"
    )
    assert buttons(as_reception, "application", application.pk) == set()


def test_accepting_what_somebody_has_decided_says_so(application, as_reception):
    scenes.accept(application, scenes.at("2026-11-19"))
    reply = as_reception.post(address("application", "accept", application.pk))
    assert reply.status_code == 200
    assert reply.context["form"].non_field_errors()
    assert Contract.objects.count() == 1


def test_refusing_needs_a_reason_that_the_terms_list(application, as_reception):
    refuse = address("application", "refuse", application.pk)
    page = as_reception.get(refuse).content.decode()
    reasons = application.terms_version.policy.refusal_reasons
    assert all(reason.text.ja in page for reason in reasons)
    assert as_reception.post(refuse, {"refusal_reason": "mood"}).context["form"].errors
    typed = {"refusal_reason": reasons[0].key, "note": "回線が足りません。"}
    before = Mail.objects.count()
    shown = as_reception.post(refuse, typed).content.decode()
    assert "不承諾通知書" in shown
    assert shown.count("回線が足りません。") > 1, "what goes out is read before"
    application.refresh_from_db()
    assert (application.is_open, Mail.objects.count(), application.letters.count()) == (True, before, 0)
    as_reception.post(refuse, {**typed, "confirm": "1"})
    application.refresh_from_db()
    assert application.status == Application.Status.REFUSED
    assert (application.refusal_reason, application.refusal_note) == (reasons[0].key, "回線が足りません。")


def test_a_registration_is_completed_where_the_terms_ask_for_it(simpleconnect, as_reception):
    contract = accepted(simpleconnect, {"id": 2})
    assert buttons(as_reception, "contract", contract.pk) == {"register"}
    as_reception.post(address("contract", "register", contract.pk), {"account_details": "ID: yamada"})
    contract.refresh_from_db()
    assert contract.formed_on == scenes.day("2026-11-20")
    assert "register" not in buttons(as_reception, "contract", contract.pk)


def test_an_activation_notice_starts_the_service_where_the_terms_ask_for_it(progoffice, as_reception):
    contract = accepted(progoffice, {"user": 5})
    assert buttons(as_reception, "contract", contract.pk) == {"activate"}
    activate = address("contract", "activate", contract.pk)
    refused = as_reception.post(activate, {"start_on": "2026-11-01"})
    assert list(refused.context["form"].errors) == ["start_on"]
    as_reception.post(activate, {"start_on": "２０２６年１１月２５日"})
    contract.refresh_from_db()
    assert contract.service_starts_on == scenes.day("2026-11-25")
    assert buttons(as_reception, "contract", contract.pk) == {"suspend"}


def test_an_acceptance_that_was_refused_is_sent_again(contract, as_reception, committing):
    page = as_reception.get(address("contract", "change", contract.pk)).content.decode()
    assert "送信待ち" in page, "nobody has to send it"
    assert buttons(as_reception, "contract", contract.pk) == {"suspend"}
    moment = scenes.at("2026-11-20 10:00")
    Mail.objects.filter(kind="application_accepted").update(claimed_at=moment, refused_at=moment)
    assert buttons(as_reception, "contract", contract.pk) == {"suspend", "send_acceptance"}
    as_reception.post(address("contract", "send_acceptance", contract.pk))
    contract.refresh_from_db()
    assert contract.acceptance_sent_at == scenes.at("2026-11-20 10:00")
    assert buttons(as_reception, "contract", contract.pk) == {"suspend"}


def test_a_service_is_suspended_and_the_suspension_lifted(contract, as_reception):
    reason = contract.contracted_version.policy.suspension.reasons[0]
    form = {"reason": reason.key, "starts_on": "2026-11-20", "ends_on": "", "note": ""}
    as_reception.post(address("contract", "suspend", contract.pk), form)
    suspension = contract.suspensions.get()
    assert suspension.reason == reason.key
    assert "lift" in buttons(as_reception, "contract", contract.pk)
    as_reception.post(address("contract", "lift", contract.pk), {"ends_on": "2026-11-22"})
    suspension.refresh_from_db()
    assert suspension.ends_on == scenes.day("2026-11-22")


def test_a_suspension_that_overlaps_is_refused_at_its_field(contract, as_reception):
    reason = contract.contracted_version.policy.suspension.reasons[0].key
    suspend(
        contract,
        scenes.staff_member(),
        reason,
        scenes.day("2026-11-15"),
        None,
        "",
        at=scenes.at("2026-11-15"),
    )
    form = {"reason": reason, "starts_on": "2026-11-20"}
    reply = as_reception.post(address("contract", "suspend", contract.pk), form)
    assert list(reply.context["form"].errors) == ["starts_on"]


@pytest.mark.parametrize(("action", "added"), [("accept", 1), ("refuse", 0)])
def test_a_request_is_decided_with_the_rules_in_view(action, added, contract, as_reception):
    held = contract.items_on(scenes.day("2027-01-01"))["line"]
    more = ProductChangeData(wanted_on=scenes.day("2027-01-01"), product="line", quantity=held + 1)
    asked = scenes.ask(contract, "quantity_up", more, scenes.at("2026-11-19"))
    page = as_reception.get(address("contractrequest", action, asked.pk)).content.decode()
    assert "#article-12-1" in page
    as_reception.post(
        address("contractrequest", action, asked.pk), {"refusal_reason": "not_possible", "confirm": "1"}
    )
    contract.refresh_from_db()
    assert contract.items_on(scenes.day("2027-01-01"))["line"] == held + added
    assert ContractRequest.objects.get().status == {"accept": "accepted", "refuse": "refused"}[action]


def test_what_counts_by_its_receipt_is_acknowledged_and_not_refused(contract, as_reception):
    asked = scenes.cancel(contract, scenes.day("2026-12-31"), scenes.at("2026-11-19"))
    page = as_reception.get(reverse("admin:contracts_contractrequest_change", args=[asked.pk]))
    assert address("contractrequest", "accept", asked.pk) in page.content.decode()
    assert address("contractrequest", "refuse", asked.pk) not in page.content.decode()
    as_reception.post(address("contractrequest", "refuse", asked.pk), {"refusal_reason": "not_possible"})
    assert ContractRequest.objects.get().status == "submitted"
    as_reception.post(address("contractrequest", "accept", asked.pk))
    assert ContractRequest.objects.get().status == "accepted"
    contract.refresh_from_db()
    assert contract.ends_on == scenes.day("2026-12-31")


def test_closures_are_entered_with_an_entry_in_the_audit_trail(ct_e1, as_reception):
    form = {"provider": ct_e1.provider.pk, "day": "2026-12-28", "note": "棚卸し"}
    as_reception.post(reverse("admin:contracts_companyclosure_add"), form)
    closure = CompanyClosure.objects.get()
    assert str(closure.day) == "2026-12-28"
    assert AuditEntry.objects.get(object_type="contracts.companyclosure").personal["note"] == "棚卸し"


def test_the_first_page_counts_what_waits(application, as_reception):
    waiting = Counter()
    for entry in as_reception.get(reverse("admin:index")).context["waiting"]:
        waiting[entry.model] += entry.count
    assert waiting["contracts.application"] == 1
    assert "billing.invoice" not in waiting, "reception staff see no invoices"


def test_the_sidebar_shows_what_a_role_may_see(staff, signed_in):
    def titles(role: StaffRole) -> set[str]:
        groups = signed_in(staff(role)).get(reverse("admin:index")).context["sidebar_navigation"]
        return {item["link"].split("/")[3] for group in groups for item in group["items"]}

    assert "invoice" not in titles(StaffRole.RECEPTION)
    assert {"invoice", "application", "auditentry"} <= titles(StaffRole.MANAGER)
    assert "auditentry" not in titles(StaffRole.BILLING)


@pytest.mark.parametrize(
    ("filtered", "found"),
    [("registration", "simpleconnect"), ("activation", "progoffice"), ("acceptance_mail", "")],
)
def test_contracts_that_wait_are_found(filtered, found, progoffice, simpleconnect, as_reception):
    accepted(progoffice, {"user": 5})
    accepted(simpleconnect, {"id": 2})
    reply = as_reception.get(reverse("admin:contracts_contract_changelist"), {"waiting": filtered})
    shown = {contract.service.slug for contract in reply.context["cl"].result_list}
    assert shown == ({found} if found else set())


def test_a_customer_who_is_led_from_an_action_to_the_sign_in_gets_no_further(application, as_yamada):
    page = as_yamada.post(address("application", "accept", application.pk), follow=True)
    assert page.redirect_chain
    assert page.status_code == 403
    application.refresh_from_db()
    assert application.status == Application.Status.SUBMITTED
