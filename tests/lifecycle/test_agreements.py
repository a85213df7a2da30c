"""Individual agreements: made, ended, and followed wherever a contract's rules are asked."""

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import override

from billing.models import Invoice
from billing.receivables.balances import late_charge_on
from billing.runs.bill import bill
from contracts.applications.acceptance import deliver_acceptance
from contracts.lifecycle.agreements import AgreementData, SignedDocument, agree, end_agreement
from contracts.lifecycle.as_of import as_of
from contracts.lifecycle.deadlines import next_deadlines
from contracts.lifecycle.devices import charge_for_device, replace_device
from contracts.lifecycle.suspensions import suspend
from contracts.lifecycle.timeline import timeline
from contracts.models import Contract, IndividualAgreement
from contracts.policies.rulebooks import Rulebooks, governing_version
from contracts.publishing.publish import PublicationRefused
from contracts.requests.decide import accept_request
from contracts.rules.calendar.period import Month
from contracts.wording.reasons import suspension_reason
from portal.audit.models import AuditEntry
from portal.outbox.models import Mail
from tests import scenes
from tests.approving import approved
from tests.billing_scene import load_priced_service
from tests.scenes import at, day

TEN_DAYS = "[cancellation.deadline.before]\nbusiness_days = 10\n"
PDF = SignedDocument("特約.pdf", b"%PDF-1.7\n%%EOF\n")
NOW = at("2026-11-02")


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(NOW, tick=False) as moment:
        yield moment


@pytest.fixture
def contract(now):
    made = scenes.running(load_priced_service("partner-cloud-e"), {"base": 1}, scenes.yamada())
    deliver_acceptance(made, scenes.at("2026-09-10"))  # it is formed then
    made.refresh_from_db()
    return made


@pytest.fixture
def contract_with_devices(now):
    return scenes.running(load_priced_service("simpleconnect"), {"id": 3}, scenes.yamada())


def make(contract: Contract, rules: str = TEN_DAYS, since: str = "2026-11-01", **more) -> IndividualAgreement:
    data = AgreementData(
        title=more.pop("title", "10営業日特約"), effective_on=day(since), rules=rules, **more
    )
    return agree(contract, scenes.staff_member(), data, PDF, NOW)


def problems_of(refused) -> dict[str, list[str]]:
    return refused.value.message_dict


def test_the_deadline_of_a_cancellation_follows_the_agreement_and_names_it(contract):
    # 20 business days before 30 November 2026 lie behind; 10 lead to 13 November.
    late = Rulebooks().of(governing_version(contract, day("2026-11-02"))).cancellation(NOW, day("2026-11-30"))
    assert late.outcome == "deemed"
    make(contract)
    cancel_by = next(one for one in next_deadlines(contract, day("2026-11-02")) if one.kind == "cancel_by")
    labels = [link.label for link in cancel_by.explanation.articles]
    assert "第15条第1項" in labels
    assert any("10営業日特約" in label for label in labels)
    request = scenes.cancel(contract, day("2026-11-30"), NOW)
    assert request.decision["outcome"] == "accepted"
    assert request.decision["deadline_on"] == "2026-11-13"


def test_it_stays_so_when_the_request_is_accepted_later(contract, now):
    make(contract)
    request = scenes.cancel(contract, day("2026-11-30"), NOW)
    now.move_to(at("2026-11-04"))
    staff = scenes.staff_member()
    accept_request(type(request).objects.get(pk=request.pk), staff, at("2026-11-04"))
    contract.refresh_from_db()
    assert contract.ends_on == day("2026-11-30")


def test_the_timeline_tells_its_first_and_its_last_day(contract):
    agreement = make(contract, since="2026-11-05")
    end_agreement(agreement, scenes.staff_member(), day("2026-12-31"))
    contract.refresh_from_db()
    told = [entry for entry in timeline(contract, day("2026-11-20")) if "agreement" in entry.kind]
    assert [(entry.on, entry.kind, entry.when, entry.detail) for entry in told] == [
        (day("2026-11-05"), "agreement", "past", "10営業日特約"),
        (day("2026-12-31"), "agreement_end", "coming", "10営業日特約"),
    ]


def test_before_its_day_and_after_its_end_it_has_no_influence(contract):
    make(contract, since="2026-11-10", ends_on=day("2026-11-20"))
    offsets = {
        text: governing_version(contract, day(text)).policy.cancellation.deadline.before.amount
        for text in ("2026-11-09", "2026-11-10", "2026-11-20", "2026-11-21")
    }
    assert list(offsets.values()) == [20, 10, 10, 20]
    shown = [as_of(contract, day(text)).version.policy.cancellation.deadline for text in offsets]
    assert [one.before.amount for one in shown] == [20, 10, 10, 20]


def test_other_contracts_keep_the_terms(contract):
    other = scenes.running(contract.service, {"base": 1}, scenes.suzuki())
    make(contract)
    books = Rulebooks()
    mine, theirs = (books.governing(one, day("2026-11-02")) for one in (contract, other))
    assert books.of(mine).policy.cancellation.deadline.before.amount == 10
    assert books.of(theirs).policy.cancellation.deadline.before.amount == 20


def test_billing_follows_it_due_date_and_late_interest(contract):
    rules = 'charging.late_interest.percent_a_year = "3"\ncharging.due.usage.transfer.months_after = 2'
    make(contract, rules, since="2026-10-01", title="支払特約")
    bill(contract.service.provider, Month(2026, 10), day("2026-11-10"))
    invoice = Invoice.objects.get()
    # The end of the second month after; banks are closed on the 31st.
    assert invoice.due_on == day("2026-12-30")
    due_steps = [step for step in invoice.document["steps"] if step["rule"].startswith("due.")]
    assert any(step.get("origin", {}).get("title") == "支払特約" for step in due_steps)
    charge = late_charge_on(invoice, day("2027-01-31"))
    # From 31 December to 30 January: 31 days at 3 % a year, cut off.
    assert sum(one.interest for one in charge.decisions) == invoice.gross * 3 * 31 // 36500


def test_the_time_for_a_device_follows_it_until_the_penalty(contract_with_devices):
    make(contract_with_devices, "device_return.within.days = 30", title="返却特約")
    task = replace_device(
        contract_with_devices, scenes.staff_member(), "sip-phone", day("2026-11-02"), 12000, NOW
    )
    assert task.due_on == day("2026-12-02")
    with pytest.raises(ValidationError) as refused:
        charge_for_device(task, scenes.staff_member(), at("2026-12-02"), approval=approved("device_charge"))
    assert refused.value.code == "too_early"
    claim = charge_for_device(
        task, scenes.staff_member(), at("2026-12-03"), approval=approved("device_charge")
    )
    assert claim.decision["return_by"] == "2026-12-02"


def test_a_reason_that_was_agreed_is_told_when_the_service_stops(
    contract_with_devices, mailoutbox, django_capture_on_commit_callbacks
):
    text = 'text = { ja = "特約の定めに反した", en = "Against what was agreed" }'
    make(contract_with_devices, f'[[suspension.reasons]]\nkey = "agreed"\narticle = "24-1"\n{text}')
    Mail.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        stop = suspend(
            contract_with_devices,
            scenes.staff_member(),
            "agreed",
            day("2026-11-03"),
            None,
            "",
            at=scenes.at("2026-11-03"),
        )
    assert "特約の定めに反した" in mailoutbox[0].body
    assert suspension_reason(stop, stop.governing_version).articles == ("24-1",)


def test_what_was_agreed_is_recorded_with_its_document_and_in_the_audit_trail(contract):
    made = make(contract)
    document = made.documents.get()
    assert (document.name, document.owner_id) == ("特約.pdf", contract.organisation_id)
    entry = AuditEntry.objects.get(action="agreement.made")
    assert entry.data["document_hash"] == document.content_hash
    assert entry.data["rules"] == TEN_DAYS


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("cancellation.deadlin.x = 1", "cancellation.deadlin"),
        ("minimum_term.months = 'one'", "minimum_term.months"),
        ("version = '9'", "version"),
        ("cancellation.deadline.before.business_days = 20", "nothing would change"),
    ],
)
def test_rules_that_do_not_fit_are_refused_and_nothing_is_stored(contract, rules, said):
    with override("en"), pytest.raises(ValidationError) as refused:
        make(contract, rules)
    assert said in problems_of(refused)["rules"][0]
    assert not IndividualAgreement.objects.exists()


def test_it_has_to_fit_each_version_that_governs_while_it_holds(contract):
    scenes.next_version(
        contract.service,
        day("2027-02-01"),
        NOW,
        ("before = { business_days = 20 }", "before = { months = 1 }"),
    )
    with pytest.raises(ValidationError) as refused:
        make(contract)
    assert "cancellation.deadline.before" in problems_of(refused)["rules"][0]
    assert make(contract, ends_on=day("2027-01-31")).ends_on == day("2027-01-31")


def test_a_version_that_an_agreement_does_not_fit_is_not_published(contract):
    made = make(contract)
    change = ("before = { business_days = 20 }", "before = { months = 1 }")
    with pytest.raises(PublicationRefused) as refused:
        scenes.next_version(contract.service, day("2027-02-01"), NOW, change)
    assert contract.number in str(refused.value)
    without = ('[individual_agreements]\narticle = "1-2"\n', "")
    with pytest.raises(PublicationRefused):
        scenes.next_version(contract.service, day("2027-02-01"), NOW, without)
    end_agreement(made, scenes.staff_member(), day("2027-01-31"))
    assert scenes.next_version(contract.service, day("2027-02-01"), NOW, change).pk


def test_the_terms_must_let_agreements_go_before_them(now):
    service = load_priced_service("ct-e1")
    contract = scenes.running(service, {"line": 1, "seat": 1, "admin": 1}, scenes.yamada())
    with pytest.raises(ValidationError) as refused:
        make(contract, 'charging.late_interest.percent_a_year = "3"')
    assert service.versions.get().name in problems_of(refused)["rules"][0]


def test_without_its_document_it_is_refused(contract):
    data = AgreementData(title="特約", effective_on=day("2026-11-01"), rules=TEN_DAYS)
    for document in (None, SignedDocument("特約.exe", b"MZ")):
        with pytest.raises(ValidationError) as refused:
            agree(contract, scenes.staff_member(), data, document, NOW)
        assert list(problems_of(refused)) == ["document"]
    assert not IndividualAgreement.objects.exists()


def test_an_end_lies_within_the_days_on_which_it_holds(contract):
    made = make(contract, ends_on=day("2026-12-31"))
    staff = scenes.staff_member()
    for text in ("2026-10-31", "2027-01-01"):
        with pytest.raises(ValidationError) as refused:
            end_agreement(made, staff, day(text))
        assert list(problems_of(refused)) == ["ends_on"]
    assert end_agreement(made, staff, day("2026-11-30")).ends_on == day("2026-11-30")
    assert AuditEntry.objects.filter(action="agreement.ended").count() == 1


def test_an_agreement_that_another_builds_on_does_not_end_alone(contract):
    document = '[[application.documents]]\nkey = "extra"\n'
    base = make(contract, document + 'article = "9-2"\nname = { ja = "あ", en = "a" }')
    make(contract, document + "required = false", "2026-11-02", title="後")
    with pytest.raises(ValidationError) as refused:
        end_agreement(base, scenes.staff_member(), day("2026-11-30"))
    assert list(problems_of(refused)) == ["ends_on"]


def test_the_database_keeps_its_days_in_order(contract):
    made = make(contract)
    with pytest.raises(IntegrityError), transaction.atomic():
        IndividualAgreement.objects.filter(pk=made.pk).update(ends_on=day("2026-10-31"))
    with pytest.raises(IntegrityError), transaction.atomic():
        made.documents.update(agreement=None)
