"""Correcting how a published version is read: its text and what was decided before stay."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from billing.invoicing.drafts import MonthlyCharges
from contracts.consents.chain import first_fault
from contracts.models import Application, Consent, Contract, ContractRequest, PolicyRevision, TermsVersion
from contracts.policies.rulebooks import Rulebooks, governing_version
from contracts.publishing.revisions import bring_reading, correct_reading, correction_impact, rests_on
from contracts.rules.calendar.period import Month
from contracts.rules.policy.layer import agreement
from contracts.wording.explain import explain
from portal.audit.models import AuditEntry
from tests import scenes
from tests.approving import approved
from tests.billing_scene import load_priced_service
from tests.scenes import at, day

ONE_MONTH = 'anchor = "wanted_month_end"\nbefore = { months = 1 }'
TWO_MONTHS = 'anchor = "wanted_month_end"\nbefore = { months = 2 }'


@pytest.fixture
def contract(ct_e1) -> Contract:
    """Runs since October."""
    return scenes.running(ct_e1, {"line": 2}, scenes.yamada())


@pytest.fixture
def application(ct_e1) -> Application:
    return scenes.apply(ct_e1, {"line": 2}, at("2026-11-18"))


@pytest.fixture
def priced(db) -> Contract:
    """Runs since October, with seats that include users, and more users."""
    return scenes.running(load_priced_service("ct-e1"), {"line": 2, "seat": 3, "user": 9}, scenes.yamada())


def reading(version: TermsVersion, *changes: tuple[str, str]) -> str:
    source = version.policy_source
    for old, new in changes or ((ONE_MONTH, TWO_MONTHS),):
        assert old in source, old
        source = source.replace(old, new, 1)
    return source


def correct(version: TermsVersion, *changes: tuple[str, str], **more) -> PolicyRevision:
    given = {
        "policy_source": reading(version, *changes),
        "reason": "第19条の1か月前の読み方を改めました。",
        "reaches_back": False,
        "at": at("2026-11-10"),
        "staff": None,
        "approval": approved("correction"),
    }
    return correct_reading(version, **{**given, **more})


def months_before(version: TermsVersion) -> int:
    return version.policy.cancellation.deadline.before.amount


def test_a_correction_counts_from_its_day_on(contract):
    version = contract.contracted_version
    correct(version)
    assert months_before(governing_version(contract, day("2026-11-09"))) == 1
    assert months_before(governing_version(contract, day("2026-11-10"))) == 2


def test_a_correction_that_reaches_back_counts_from_the_first_day_of_the_version(contract):
    version = contract.contracted_version
    correct(version, reaches_back=True)
    assert months_before(version.read_on(version.effective_on)) == 2
    assert months_before(TermsVersion.objects.in_force(contract.service, day("2026-10-01"))) == 2


def test_the_last_correction_of_those_that_count_on_a_day_goes_first(contract):
    version = contract.contracted_version
    three = (ONE_MONTH, ONE_MONTH.replace("1 }", "3 }"))
    correct(version, reaches_back=True)
    later = correct(version, three, at=at("2026-11-20"))
    assert later.number == 2
    assert [months_before(version.read_on(day(f"2026-11-{on}"))) for on in ("19", "20")] == [2, 3]


def test_the_version_and_the_consents_to_it_stay_as_they_were(contract):
    before = TermsVersion.objects.values().get(pk=contract.contracted_version_id)
    correct(contract.contracted_version, reaches_back=True)
    assert TermsVersion.objects.values().get(pk=contract.contracted_version_id) == before
    assert first_fault() is None
    assert all(consent.is_intact for consent in Consent.objects.all())


def test_what_was_decided_before_stays_and_names_no_correction(contract):
    asked = scenes.cancel(contract, day("2026-12-31"), at("2026-11-20"))
    decided = asked.decided
    correct(contract.contracted_version, reaches_back=True, at=at("2026-11-21"))
    asked = ContractRequest.objects.get(pk=asked.pk)
    assert (asked.decided, asked.decided.revision) == (decided, 0)
    assert months_before(asked.governing_version) == 1


def test_a_decision_names_the_correction_that_it_rests_on(contract):
    correct(contract.contracted_version, at=at("2026-11-10"))
    asked = scenes.cancel(contract, day("2027-01-31"), at("2026-11-20"))
    asked = ContractRequest.objects.get(pk=asked.pk)
    assert asked.decided.revision == 1
    assert {step["revision"] for step in asked.decision["steps"]} == {1}
    assert months_before(asked.governing_version) == 2
    shown = explain(asked.decided, asked.terms_version)
    assert "2026年11月10日に訂正した解釈" in {link.label for link in shown.articles}


def test_what_is_asked_of_many_contracts_is_read_once(contract, django_assert_num_queries):
    correct(contract.contracted_version)
    books = Rulebooks()
    books.governing(contract, day("2026-11-10"))
    with django_assert_num_queries(0):
        assert months_before(books.governing(contract, day("2026-11-12"))) == 2


def test_an_individual_agreement_goes_before_a_correction(db):
    contract = scenes.running(load_priced_service("simpleconnect"), {"id": 3}, scenes.yamada())
    version = contract.contracted_version
    agreed = agreement("特約", day("2026-11-01"), None, "[cancellation.deadline.before]\ndays = 9\n")
    end_of_month = 'anchor = "end_of_month_before"\nbefore = { days = 0 }'
    correct(version, (end_of_month, end_of_month.replace("days = 0", "days = 5")))
    read = version.read_on(day("2026-11-12"))
    assert months_before(read) == 5
    assert months_before(read.sold_by(None, day("2026-11-12"), (agreed,))) == 9
    with_agreement = read.sold_by(None, day("2026-11-12"), (agreed,))
    assert with_agreement.policy.cancellation.deadline.revision == 1


def test_rules_that_contradict_the_text_are_refused_each_with_its_place(contract):
    version = contract.contracted_version
    wrong = (
        ('article = ["19-1", "19-2"]', 'article = ["19-1", "99-2"]'),
        ("on = 2015-04-01", "on = 2016-04-01"),
    )
    with pytest.raises(ValidationError) as refused:
        correct(version, *wrong)
    messages = " ".join(refused.value.message_dict["policy"])
    assert "cancellation.article" in messages
    assert "effective.on" in messages
    assert not PolicyRevision.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"policy_source": "not toml ["}, "policy"),
    ],
)
def test_a_correction_without_reason_or_rules_is_refused(contract, given, field):
    with pytest.raises(ValidationError) as refused:
        correct(contract.contracted_version, **given)
    assert list(refused.value.message_dict) == [field]
    assert not PolicyRevision.objects.exists()


def test_the_rules_that_hold_already_are_no_correction(contract):
    version = contract.contracted_version
    with pytest.raises(ValidationError, match="読まれています"):
        correct(version, policy_source=version.policy_source + "\n# the same\n")


def test_a_correction_of_a_version_with_contracts_takes_a_second_person(contract):
    with pytest.raises(ValidationError) as refused:
        correct(contract.contracted_version, approval=None)
    assert refused.value.code == "second_person"
    assert not PolicyRevision.objects.exists()


def test_a_correction_in_force_never_changes(contract):
    revision = correct(contract.contracted_version)
    with pytest.raises(PermissionDenied):
        revision.save()
    with pytest.raises(PermissionDenied):
        revision.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyRevision.objects.update(reason="other")
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyRevision.objects.all().delete()


def test_a_correction_stands_in_the_audit_trail(contract):
    revision = correct(contract.contracted_version, reaches_back=True)
    entry = AuditEntry.objects.get(action="terms.reading_corrected")
    stated = {key: entry.data[key] for key in ("number", "articles", "applies", "digest")}
    assert stated == {
        "number": 1,
        "articles": ["19-1"],
        "applies": "from_first_day",
        "digest": revision.digest,
    }


def test_what_a_catalog_brings_waits_where_a_contract_rests_on_the_version(contract):
    version = contract.contracted_version
    brought = bring_reading(version, reading(version), at("2026-11-10"))
    assert (brought.number, brought.in_force_at, brought.articles) == (None, None, ["19-1"])
    assert months_before(governing_version(contract, day("2026-11-12"))) == 1
    assert bring_reading(version, reading(version), at("2026-11-11")) == brought
    put_in_force = correct(version)
    assert put_in_force.pk == brought.pk
    assert PolicyRevision.objects.count() == 1


def test_what_a_catalog_brings_is_in_force_at_once_where_nothing_rests_on_the_version(ct_e1):
    version = ct_e1.versions.get()
    assert not rests_on(version)
    bring_reading(version, reading(version), at("2026-11-10"))
    assert months_before(version.read_on(version.effective_on)) == 2


def test_a_catalog_does_not_take_back_what_staff_corrected(contract):
    version = contract.contracted_version
    correct(version)
    assert bring_reading(version, version.policy_source, at("2026-11-12")) is None
    assert PolicyRevision.objects.count() == 1


def test_an_application_that_waits_rests_on_the_version(application):
    assert rests_on(application.terms_version)


def test_a_corrected_rule_of_charging_counts_for_the_months_decided_on_its_days(priced):
    rounding = 'article = ["general-3", "general-5"]\nrounding = "floor"'
    correct(priced.contracted_version, (rounding, rounding.replace("floor", "ceiling")))
    decided = [MonthlyCharges(Month(2026, number)).draft(priced).calculation for number in (10, 11)]
    assert [one.revision for one in decided] == [0, 1]


def test_the_preview_names_the_contracts_whose_dates_and_yen_change(priced):
    seats = ("includes = { user = 1 }", "includes = { user = 2 }")
    deadline = (ONE_MONTH, TWO_MONTHS)
    on, impact = correction_impact(
        priced.contracted_version, reading(priced.contracted_version, seats, deadline)
    )
    assert on == localdate()
    (example,) = impact.examples
    assert (impact.running, impact.affected, example.contract) == (1, 1, priced)
    labels = " ".join(change.label for change in example.changes)
    assert "解約" in labels
    assert "価格表による税込額" in labels


def test_the_preview_is_of_the_days_on_which_the_version_governs(contract):
    version = contract.contracted_version
    scenes.next_version(contract.service, day("2026-11-01"), at("2026-10-01"))
    on, impact = correction_impact(version, reading(version))
    assert (on, impact.affected) == (day("2026-10-31"), 1)
