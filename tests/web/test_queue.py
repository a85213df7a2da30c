"""The work queue: all that waits, by deadline; and the pages on which staff decide."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from contracts.inbox.work import answer_by
from contracts.lifecycle.documents import attach_document
from contracts.models import (
    AuthorisedUser,
    CompanyClosure,
    Contract,
    ContractRequest,
    ReviewCheck,
    Task,
)
from contracts.requests.decide import accept_request
from contracts.requests.kinds.reported import NameData
from contracts.requests.kinds.successions import SuccessionData
from contracts.requests.product_forms import ProductChangeData
from contracts.requests.questions import ask_back
from contracts.requests.successors import Successor
from contracts.rules.calendar.period import Month
from portal.audit.models import AuditEntry
from portal.organisations.models import Organisation
from portal.organisations.roles import StaffRole
from portal.staff.work_queue import When, when
from tests import scenes
from tests.approving import approve_it
from tests.billing_scene import load_priced_service
from tests.scenes import at, day

QUEUE = "/admin/queue/"


@pytest.fixture
def contract(contract) -> Contract:
    """Runs since October, its acceptance sent."""
    Contract.objects.filter(pk=contract.pk).update(acceptance_sent_at=contract.accepted_at)
    contract.refresh_from_db()
    return contract


def page_of(client: Client, target: Model) -> str:
    address = reverse(f"admin:contracts_{target._meta.model_name}_change", args=[target.pk])
    return client.get(address).content.decode()


def proved(asked: ContractRequest) -> ContractRequest:
    person = scenes.owner_of(asked.contract.organisation)
    attach_document(asked, person, "登記.pdf", b"%PDF-1.7\n", at("2026-11-20"))
    return asked


def lines(client: Client, **query: str) -> list[tuple[str, str]]:
    """Kind and number of each line, in the order of the page."""
    queue = client.get(QUEUE, query).context["queue"]
    return [(line.row.kind, line.entry.number) for line in queue.lines]


def more_lines(contract: Contract, wanted_on: str, moment: str) -> ContractRequest:
    data = ProductChangeData(product="line", wanted_on=day(wanted_on), quantity=4)
    return scenes.ask(contract, "quantity_up", data, at(moment))


def task(contract: Contract, due_on: str) -> Task:
    return Task.objects.create(
        contract=contract,
        kind=Task.Kind.DATA_ERASURE,
        due_on=day(due_on),
        terms_version=contract.contracted_version,
        created_at=at("2026-11-01"),
    )


def renamed(contract: Contract, moment: str = "2026-11-19") -> ContractRequest:
    return scenes.ask(contract, "name", NameData(wanted_on=day("2026-12-01"), name="新社名"), at(moment))


def test_what_waits_stands_in_the_order_of_its_deadline(application, contract, as_reception):
    task(contract, "2026-11-19")
    asked = more_lines(contract, "2027-02-01", "2026-11-16")
    page = as_reception.get(QUEUE)
    assert lines(as_reception) == [
        ("task", contract.number),
        ("request", asked.number),
        ("application", application.number),
    ]
    assert [line.when for line in page.context["queue"].lines] == [When.OVERDUE, When.WEEK, When.LATER]
    assert page.context["queue"].by_when == {"overdue": 1, "week": 1, "later": 1}
    assert [reverse("admin:contracts_application_change", args=[application.pk]) in page.content.decode()]


@pytest.mark.parametrize(
    ("due_on", "part"),
    [
        ("2026-11-19", When.OVERDUE),
        ("2026-11-20", When.TODAY),
        ("2026-11-21", When.WEEK),
        ("2026-11-22", When.WEEK),
        ("2026-11-23", When.LATER),
    ],
)
def test_a_week_ends_on_sunday(due_on, part):
    assert when(day(due_on), day("2026-11-20")) == part


@pytest.mark.parametrize(
    ("wanted_on", "due_on"),
    [
        (None, "2026-11-25"),
        ("2026-11-22", "2026-11-22"),
        ("2027-01-01", "2026-11-25"),
        ("2026-11-01", "2026-11-25"),
    ],
)
def test_an_answer_is_due_on_the_wanted_day_or_when_staff_are_reminded(wanted_on, due_on):
    assert answer_by(day("2026-11-20"), wanted_on and day(wanted_on)) == day(due_on)


def test_questions_and_missing_documents_are_told_apart(contract, as_reception):
    asked = renamed(contract)
    assert lines(as_reception, waits="documents") == [("request", asked.number)]
    assert lines(as_reception, waits="asked_back") == []
    ask_back(asked, scenes.staff_member(), "登記の日は", at("2026-11-20"))
    attach_document(
        asked, scenes.owner_of(contract.organisation), "登記.pdf", b"%PDF-1.7\n", at("2026-11-20")
    )
    assert lines(as_reception, waits="documents") == []
    assert lines(as_reception, waits="asked_back") == [("request", asked.number)]


def test_the_queue_is_filtered_and_searched(application, contract, simpleconnect, as_reception):
    other = scenes.apply(simpleconnect, {"id": 1}, at("2026-11-18"), organisation=scenes.suzuki())
    task(contract, "2026-11-20")
    assert len(lines(as_reception)) == 3
    assert lines(as_reception, service="simpleconnect") == [("application", other.number)]
    assert lines(as_reception, q="鈴木") == [("application", other.number)]
    assert lines(as_reception, q=contract.number) == [("task", contract.number)]
    assert lines(as_reception, kind="application", service="ct-e1") == [("application", application.number)]
    assert lines(as_reception, when="today") == [("task", contract.number)]
    assert lines(as_reception, q="どこにもない") == []
    assert len(lines(as_reception, kind="unknown", when="never", service="none", page="x")) == 3


def test_steps_between_acceptance_and_start_wait_with_their_contracts(
    progoffice, simpleconnect, as_reception
):
    for service, items in ((progoffice, {"user": 5}), (simpleconnect, {"id": 2})):
        contract = scenes.accept(scenes.apply(service, items, at("2026-11-10")), at("2026-11-11"))
        Contract.objects.filter(pk=contract.pk).update(acceptance_sent_at=at("2026-11-11"))
    assert {kind for kind, _number in lines(as_reception)} == {"activation", "registration"}


def test_an_accepted_change_waits_for_its_notice_of_completion(progoffice, yamada, as_reception):
    contract = scenes.running(progoffice, {"user": 5}, yamada)
    data = ProductChangeData(product="user", wanted_on=day("2026-12-01"), quantity=8)
    asked = scenes.ask(contract, "quantity_up", data, at("2026-11-10"))
    accept_request(asked, scenes.staff_member(), at("2026-11-11"))
    assert ("completion", asked.number) in lines(as_reception)
    listed = as_reception.get(
        reverse("admin:contracts_contractrequest_changelist"), {"waiting": "completion"}
    )
    assert [one.number for one in listed.context["cl"].result_list] == [asked.number]


def test_a_breach_is_due_when_the_time_to_cure_is_over(yamada, as_reception):
    contract = scenes.running(load_priced_service("partner-cloud-e"), {"base": 1}, yamada)
    AuthorisedUser.objects.create(
        contract=contract,
        name="子会社",
        address="東京都",
        contact="03",
        starts_on=day("2026-10-10"),
        breach_on=day("2026-11-01"),
    )
    (line,) = as_reception.get(QUEUE, {"kind": "breach"}).context["queue"].lines
    assert line.row.due_on == day("2026-11-12"), "ten days, the first of them not counted"


def test_debts_that_allow_a_step_wait_until_it_is_taken(contract, now, staff, signed_in):
    bill(contract.service.provider, Month(2026, 10), day("2026-11-10"))
    now.move_to(at("2027-04-10 10:00"))
    as_reception = signed_in(staff(StaffRole.RECEPTION))
    kinds = {kind for kind, _number in lines(as_reception)}
    assert "unpaid_suspension" in kinds
    reason = contract.contracted_version.policy.suspension.reasons[0].key
    address = reverse("admin:contracts_contract_suspend", args=[contract.pk])
    as_reception.post(address, {"reason": reason, "starts_on": "2027-04-10", "until_paid": "on"})
    stop = contract.suspensions.get()
    assert stop.kind == "until_paid"
    assert "unpaid_suspension" not in {kind for kind, _number in lines(as_reception)}
    assert "paid" not in {kind for kind, _number in lines(as_reception)}

    invoice = contract.invoices.get()
    record_payment(invoice, day("2027-04-10"), invoice.gross, "振込1")
    (line,) = as_reception.get(QUEUE, {"kind": "paid"}).context["queue"].lines
    assert line.entry.url == reverse("admin:contracts_suspension_change", args=[stop.pk])


def test_a_suspension_with_a_last_day_is_named_too_once_its_debt_is_paid(contract, now, staff, signed_in):
    bill(contract.service.provider, Month(2026, 10), day("2026-11-10"))
    now.move_to(at("2027-04-10 10:00"))
    as_reception = signed_in(staff(StaffRole.RECEPTION))
    address = reverse("admin:contracts_contract_suspend", args=[contract.pk])
    period = {"starts_on": "2027-04-10", "ends_on": "2027-06-30"}
    as_reception.post(address, {"reason": "unpaid", **period})
    stop = contract.suspensions.get()
    assert (stop.kind, stop.ends_on) == ("suspension", day("2027-06-30"))
    assert lines(as_reception, kind="paid") == []
    now.move_to(at("2027-04-12 10:00"))
    invoice = contract.invoices.get()
    record_payment(invoice, day("2027-04-12"), invoice.gross, "振込1")
    assert lines(as_reception, kind="paid") == [("paid", contract.number)]
    contract.suspensions.update(reason="breach")
    assert lines(as_reception, kind="paid") == [], "another cause does not fall away with a payment"
    contract.suspensions.update(reason="unpaid", starts_on=day("2027-04-13"))
    now.move_to(at("2027-04-14 10:00"))
    assert lines(as_reception, kind="paid") == [], "what was paid before is not what is feared now"


def test_a_price_by_quotation_waits_for_billing_staff_until_it_is_entered(ct_e1, yamada, staff, signed_in):
    running = scenes.running(ct_e1, {"line": 6, "setup-standard": 1}, yamada)
    scenes.accept(scenes.apply(ct_e1, {"line": 2, "setup-standard": 1}, at("2026-11-10")), at("2026-11-12"))
    later = scenes.apply(
        ct_e1, {"line": 7, "setup-standard": 1}, at("2026-11-10"), wanted_start_on=day("2027-01-01")
    )
    later = scenes.accept(later, at("2026-11-12"))
    as_billing = signed_in(staff(StaffRole.BILLING))
    reception = signed_in(staff(StaffRole.RECEPTION))
    assert lines(as_billing, kind="price") == [("price", running.number), ("price", later.number)]
    assert "price" not in {kind for kind, _number in lines(reception)}

    queued = as_billing.get(QUEUE, {"kind": "price"}).context["queue"].lines
    assert [line.row.due_on for line in queued] == [day("2026-10-31"), day("2027-01-31")]
    form = as_billing.get(queued[1].entry.url).context["form"]
    shown = {name: form[name].value() for name in ("contract", "product", "starts_on")}
    assert shown == {"contract": later.number, "product": "setup-standard", "starts_on": "2027-01-01"}
    typed = {**shown, "unit_price": "450000", "reason": "見積書 Q-18"}
    assert as_billing.post(reverse("admin:billing_specialprice_set_price"), typed).status_code == 302
    approve_it(staff(StaffRole.MANAGER))
    assert lines(as_billing, kind="price") == [("price", running.number)]


def test_pages_of_a_long_queue_need_no_more_queries(contract, as_reception):
    task(contract, "2026-11-20")
    as_reception.get(QUEUE)
    with CaptureQueriesContext(connection) as few:
        as_reception.get(QUEUE)
    Task.objects.bulk_create(
        Task(
            contract=contract,
            kind=Task.Kind.DEVICE_RETURN,
            due_on=day("2026-11-20") + timedelta(days=number % 40),
            terms_version=contract.contracted_version,
            created_at=at("2026-11-01"),
        )
        for number in range(120)
    )
    with CaptureQueriesContext(connection) as many:
        page = as_reception.get(QUEUE)
    assert len(many) == len(few)
    assert (len(page.context["queue"].lines), page.context["queue"].total) == (50, 121)
    assert len(as_reception.get(QUEUE, {"page": "3"}).context["queue"].lines) == 21
    assert len(as_reception.get(QUEUE, {"page": "99"}).context["queue"].lines) == 21


def test_the_queue_is_for_staff(client, as_yamada, staff, signed_in, application):
    assert client.get(QUEUE).status_code == 302
    assert as_yamada.get(QUEUE, follow=True).status_code == 403
    waits = [("application", application.number)]
    reads = {StaffRole.RECEPTION, StaffRole.MANAGER, StaffRole.AUDITOR}
    for role in StaffRole:
        assert lines(signed_in(staff(role))) == (waits if role in reads else [])


def test_the_sidebar_begins_with_the_queue(as_reception):
    page = as_reception.get(reverse("admin:index"))
    first = page.context["sidebar_navigation"][0]["items"][0]
    assert str(first["link"]) == QUEUE
    assert QUEUE in page.content.decode()


# Deciding


def action(client: Client, target, name: str, **data: str):
    address = reverse(f"admin:contracts_{target._meta.model_name}_{name}", args=[target.pk])
    return client.post(address, {**data, "confirm": "1"}) if data or name == "accept" else client.get(address)


def test_a_request_is_shown_as_before_and_after(contract, as_reception):
    asked = more_lines(contract, "2027-02-01", "2026-11-16")
    page = as_reception.get(
        reverse("admin:contracts_contractrequest_change", args=[asked.pk])
    ).content.decode()
    assert "2 回線" in page
    assert "4 回線" in page
    assert "10,000" in page, "two lines at 5,000 yen a month"
    assert "+10,000" in page
    assert "#article-12-" in page


def test_what_the_terms_ask_to_check_comes_before_the_acceptance(simpleconnect, as_reception):
    application = scenes.apply(simpleconnect, {"id": 1}, at("2026-11-18"))
    refused = action(as_reception, application, "accept")
    assert len(refused.context["form"].non_field_errors()) == 2
    assert not Contract.objects.exists()

    half = action(
        as_reception, application, "review", result_credit="concern", result_antisocial_forces="clear"
    )
    assert list(half.context["form"].errors) == ["note_credit"]
    assert not ReviewCheck.objects.exists(), "all or none"

    action(
        as_reception,
        application,
        "review",
        result_credit="clear",
        note_credit="信用情報で確認",
        result_antisocial_forces="clear",
    )
    page = as_reception.get(
        reverse("admin:contracts_application_change", args=[application.pk])
    ).content.decode()
    assert "信用情報で確認" in page
    assert "reception@provider.example" in page
    assert AuditEntry.objects.filter(action="check.recorded").count() == 2
    assert action(as_reception, application, "accept").status_code == 302
    assert Contract.objects.exists()


def test_the_same_name_or_number_is_pointed_out(application, as_reception):
    twin = scenes.suzuki()
    Organisation.objects.filter(pk=twin.pk).update(name=application.organisation.name)
    other = scenes.apply(application.service, {"line": 1}, at("2026-11-19"), organisation=twin)
    page = as_reception.get(
        reverse("admin:contracts_application_change", args=[application.pk])
    ).content.decode()
    assert reverse("admin:contracts_application_change", args=[other.pk]) in page


def test_a_question_goes_out_and_can_demand_a_document(
    contract, as_reception, django_capture_on_commit_callbacks
):
    asked = more_lines(contract, "2027-02-01", "2026-11-16")
    form = action(as_reception, asked, "ask").context["form"]
    assert "document_wanted" not in form.fields, "the terms ask for no proof of this"
    assert action(as_reception, asked, "ask", question=" ").context["form"].errors
    with django_capture_on_commit_callbacks(execute=True):
        action(as_reception, asked, "ask", question="どの拠点ですか")
    asked.refresh_from_db()
    assert asked.status == "asked_back"
    assert "どの拠点ですか" in mail.outbox[-1].body


def test_an_applicant_is_asked_and_answers(
    application, as_reception, as_yamada, as_suzuki, django_capture_on_commit_callbacks
):
    assert action(as_reception, application, "ask", question=" ").context["form"].errors
    with django_capture_on_commit_callbacks(execute=True):
        action(as_reception, application, "ask", question="登記の住所ですか")
    address = reverse("contracts:application-questions", args=[application.number])
    assert "登記の住所ですか" in mail.outbox[-1].body
    assert address in mail.outbox[-1].body
    assert lines(as_reception, waits="asked_back") == [("application", application.number)]

    detail = reverse("contracts:application-detail", args=[application.number])
    assert address in as_yamada.get(detail).content.decode()
    assert as_suzuki.post(address, {"answer": "はい"}).status_code == 404
    assert as_yamada.post(address, {"answer": " "}).context["answer_errors"]
    with django_capture_on_commit_callbacks(execute=True):
        assert as_yamada.post(address, {"answer": "登記の住所です"}).status_code == 302
    assert mail.outbox[-1].to == [application.service.provider.email]
    assert "登記の住所です" in page_of(as_reception, application)
    assert lines(as_reception, waits="asked_back") == []
    assert as_yamada.post(address, {"answer": "もう一度"}).context["answer_errors"], (
        "nothing is asked any more"
    )


def test_a_deadline_that_moved_is_shown_and_overridden_with_a_reason_that_a_manager_approves(
    committing, yamada, as_reception, staff
):
    contract = scenes.running(load_priced_service("simpleconnect"), {"id": 3}, yamada)
    fewer = ProductChangeData(product="id", wanted_on=day("2026-11-30"), quantity=1)
    asked = scenes.ask(contract, "drop_item", fewer, at("2026-10-30"))
    assert asked.decision["outcome"] == "accepted"
    CompanyClosure.objects.create(provider=contract.service.provider, day=day("2026-10-30"))

    assert "override_reason" in action(as_reception, asked, "accept").context["form"].errors
    assert action(as_reception, asked, "accept", override_reason="電話で先に受けた").status_code == 302
    asked.refresh_from_db()
    assert asked.status == "submitted"
    with pytest.raises(PermissionDenied):
        approve_it(staff(StaffRole.BILLING))
    approve_it(staff(StaffRole.MANAGER))
    asked.refresh_from_db()
    assert asked.status == "accepted"
    assert AuditEntry.objects.get(action="request.accepted").personal["override_reason"] == "電話で先に受けた"


def test_who_comes_second_is_told(contract, as_reception, staff, signed_in):
    asked = more_lines(contract, "2027-02-01", "2026-11-16")
    assert action(as_reception, asked, "accept").status_code == 302
    second = action(signed_in(staff(StaffRole.MANAGER)), asked, "refuse", refusal_reason="not_possible")
    assert second.status_code == 200
    assert asked.number in second.context["form"].non_field_errors()[0]
    asked.refresh_from_db()
    assert asked.status == "accepted"


def successor(name: str) -> Successor:
    return Successor(
        name=name, postal_code="100-0001", address="東京都千代田区1", phone="03", email="new@customer.example"
    )


def test_of_several_successors_staff_pick_the_representative_and_the_organisation(contract, as_reception):
    known = scenes.suzuki()
    data = SuccessionData(
        wanted_on=day("2026-11-15"),
        cause="split",
        successors=(successor("新設株式会社"), successor(known.name)),
    )
    asked = scenes.ask(contract, "succession", data, at("2026-11-19"))
    proved(asked)

    missing = action(as_reception, asked, "accept").context["form"].errors
    assert {"representative", "takes_debts"} <= set(missing)
    chosen = {"representative": "1", "successor": str(known.pk), "takes_debts": "no"}
    differs = action(as_reception, asked, "accept", **chosen).context["form"].errors["differs_knowingly"]
    assert any("東京都千代田区1" in said and known.address in said for said in differs)
    assert not any(known.name in said for said in differs), "the name is as it was reported"
    reply = action(as_reception, asked, "accept", **chosen, differs_knowingly="on")
    assert reply.status_code == 302
    contract.refresh_from_db()
    assert contract.organisation == known
    assert contract.parties.get().named_by == "provider"


def test_staff_search_an_organisation_that_is_registered_under_another_name(contract, as_reception):
    known = scenes.suzuki()
    data = SuccessionData(
        wanted_on=day("2026-11-15"), cause="merger", successors=(successor("スズキ製作（株）"),)
    )
    asked = proved(scenes.ask(contract, "succession", data, at("2026-11-19")))
    form = as_reception.get(reverse("admin:contracts_contractrequest_accept", args=[asked.pk])).context[
        "form"
    ]
    assert [key for key, _label in form.fields["successor"].choices] == [""]
    assert "autocomplete" in str(form["other_successor"])
    source = {"app_label": "contracts", "model_name": "contractparty", "field_name": "organisation"}
    found = as_reception.get(reverse("admin:autocomplete"), {**source, "term": "鈴木"}).json()["results"]
    assert [one["id"] for one in found] == [str(known.pk)]

    chosen = {"other_successor": str(known.pk)}
    differs = action(as_reception, asked, "accept", **chosen).context["form"].errors["differs_knowingly"]
    assert any("スズキ製作（株）" in said and known.name in said for said in differs)
    asked.refresh_from_db()
    assert asked.is_open
    assert action(as_reception, asked, "accept", **chosen, differs_knowingly="on").status_code == 302
    contract.refresh_from_db()
    assert contract.organisation == known


def test_two_organisations_are_not_one_successor(contract, as_reception):
    known = scenes.suzuki()
    data = SuccessionData(wanted_on=day("2026-11-15"), cause="merger", successors=(successor(known.name),))
    asked = proved(scenes.ask(contract, "succession", data, at("2026-11-19")))
    both = {"successor": str(known.pk), "other_successor": str(scenes.yamada().pk)}
    reply = action(as_reception, asked, "accept", **both, differs_knowingly="on")
    assert list(reply.context["form"].errors) == ["other_successor"]


def test_today_is_japans(now, application, as_reception):
    now.move_to(at("2026-11-23 00:30"))
    (line,) = as_reception.get(QUEUE).context["queue"].lines
    assert (localdate(), line.when) == (day("2026-11-23"), When.TODAY)
