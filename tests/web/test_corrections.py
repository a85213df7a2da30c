"""How staff correct the reading of a published version, and what readers see of it."""

import re

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from contracts.extensions.registered import worked_examples
from contracts.inbox.sources import sources
from contracts.inbox.waiting import readings_to_propose
from contracts.models import PolicyRevision, TermsVersion
from contracts.policies.rulebooks import governing_version
from contracts.publishing.impact import EXAMPLES
from contracts.publishing.revisions import bring_reading, correct_reading, dismiss_reading
from portal.approvals.decide import approve, send_back
from portal.approvals.models import Proposal
from portal.audit.models import AuditEntry
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.approving import approve_it, approved
from tests.billing_scene import make_contract

NOW = scenes.at("2026-11-20")
ONE_MONTH = 'anchor = "wanted_month_end"\nbefore = { months = 1 }'
TWO_MONTHS = 'anchor = "wanted_month_end"\nbefore = { months = 2 }'
REASON = "第19条の1か月前の読み方を改めました。"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def as_terms(staff, signed_in) -> Client:
    return signed_in(staff(StaffRole.TERMS))


def page(name: str, version: TermsVersion) -> str:
    return reverse(f"admin:contracts_termsversion_{name}", args=[version.pk])


def corrected(version: TermsVersion) -> str:
    return version.policy_source.replace(ONE_MONTH, TWO_MONTHS, 1)


def enter(client: Client, version: TermsVersion, step: str = "confirm", **changed: object):
    entered = {"policy": corrected(version), "reason": REASON, "applies": "then_on", "after": 0, step: "1"}
    return client.post(page("correct", version), {**entered, **changed})


def in_force(version: TermsVersion, **more: object) -> PolicyRevision:
    given = {"policy_source": corrected(version), "reason": REASON, "reaches_back": False}
    return correct_reading(
        version, **{**given, "at": NOW, "staff": None, "approval": approved("correction"), **more}
    )


def months_before(contract) -> int:
    return governing_version(contract, NOW.date()).policy.cancellation.deadline.before.amount


def test_staff_see_first_what_a_correction_changes_in_words_and_for_whom(contract, as_terms):
    shown = enter(as_terms, contract.contracted_version, "see").content.decode()
    assert REASON in shown
    assert "希望月の末日の1か月前" in shown
    assert "希望月の末日の2か月前" in shown
    assert f"{contract.number} " in shown
    assert "1件のうち1件" in shown
    assert not Proposal.objects.exists()


def test_a_correction_is_in_force_when_a_second_person_approves_it(contract, staff, as_terms):
    version = contract.contracted_version
    assert enter(as_terms, version).status_code == 302
    proposal = Proposal.objects.get()
    assert (proposal.waits, months_before(contract)) == (True, 1)
    labels = [line["label"] for line in proposal.lines]
    assert {"理由", "条項", "規則のハッシュ値"} <= set(labels)
    assert any(label.startswith(contract.number) for label in labels)
    manager = staff(StaffRole.MANAGER)
    assert approve_it(manager).state == Proposal.State.APPROVED
    revision = PolicyRevision.objects.get()
    assert (revision.number, revision.in_force_at, revision.reason) == (1, NOW, REASON)
    assert (revision.proposed_by, revision.approved_by) == (proposal.proposed_by, manager)
    assert months_before(contract) == 2


def test_without_contracts_on_the_version_one_person_corrects_it(ct_e1, as_terms):
    enter(as_terms, ct_e1.versions.get())
    assert Proposal.objects.get().without_second == Proposal.Without.UNBOUND
    assert PolicyRevision.objects.get().number == 1


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"policy": "nothing = ["}, "policy", "TOML"),
        ({"policy": None}, "policy", "すでにこの規則で読まれています"),
        ({"reason": ""}, "reason", "必須"),
        ({"applies": "never"}, "applies", "never"),
        ({"after": "x"}, "after", ""),
    ],
)
def test_what_cannot_be_a_correction_is_said_at_its_field(changed, field, said, contract, as_terms):
    version = contract.contracted_version
    if changed.get("policy", "") is None:
        changed = {"policy": version.policy_source}
    reply = enter(as_terms, version, **changed)
    assert reply.status_code == 200
    assert list(reply.context["form"].errors) == [field]
    assert said in " ".join(reply.context["form"].errors[field])
    assert not Proposal.objects.exists()
    assert not PolicyRevision.objects.exists()


def test_a_correction_of_what_was_corrected_meanwhile_is_not_proposed(contract, as_terms):
    version = contract.contracted_version
    in_force(version)
    reply = enter(as_terms, version, policy=version.policy_source)
    assert "その後、解釈が訂正されました" in reply.content.decode()
    assert not Proposal.objects.exists()


def test_a_proposal_is_overtaken_by_another_correction(contract, staff, as_terms):
    version = contract.contracted_version
    enter(as_terms, version)
    three_months = version.policy_source.replace(ONE_MONTH, ONE_MONTH.replace("1 }", "3 }"), 1)
    in_force(version, policy_source=three_months)
    waiting = Proposal.objects.get()
    decided = approve(waiting, staff(StaffRole.MANAGER), waiting.digest, NOW)
    assert decided.state == Proposal.State.OVERTAKEN
    assert PolicyRevision.objects.count() == 1


def test_an_approval_is_of_the_contracts_as_they_were_seen(contract, staff, as_terms):
    version = contract.contracted_version
    enter(as_terms, version)
    make_contract(contract.service, contract.organisation, scenes.owner_of(contract.organisation), "C-9")
    with pytest.raises(ValidationError) as changed:
        approve_it(staff(StaffRole.MANAGER))
    assert changed.value.code == "changed"


def test_what_was_sent_back_is_filled_in_again(contract, staff, as_terms):
    version = contract.contracted_version
    enter(as_terms, version, applies="first_day")
    proposal = Proposal.objects.get()
    send_back(proposal, staff(StaffRole.MANAGER), "理由を詳しく", NOW)
    form = as_terms.get(f"{page('correct', version)}?again={proposal.pk}").context["form"]
    assert (form["policy"].value(), form["reason"].value()) == (corrected(version), REASON)
    assert (form["applies"].value(), form["after"].value()) == ("first_day", 0)


def test_the_contracts_that_a_waiting_correction_touches_are_shown_page_by_page(contract, as_terms):
    person = scenes.owner_of(contract.organisation)
    for number in range(EXAMPLES):
        make_contract(contract.service, contract.organisation, person, f"X-{number:03}")
    enter(as_terms, contract.contracted_version)
    address = page("correction_impact", contract.contracted_version)
    assert address in as_terms.get(page("change", contract.contracted_version)).content.decode()
    first, second = as_terms.get(address), as_terms.get(f"{address}?page=2")
    assert [len(one.context["impact"].examples) for one in (first, second)] == [EXAMPLES, 1]
    assert 'href="?page=2"' in first.content.decode()
    assert as_terms.get(f"{address}?page=nonsense").status_code == 200


def test_of_two_corrections_that_wait_the_last_is_shown(contract, as_terms):
    version = contract.contracted_version
    enter(as_terms, version)
    enter(
        as_terms, version, policy=version.policy_source.replace(ONE_MONTH, ONE_MONTH.replace("1 }", "3 }"), 1)
    )
    shown = as_terms.get(page("correction_impact", version)).content.decode()
    assert "希望月の末日の3か月前" in shown


def test_the_page_of_a_version_lists_its_corrections(contract, as_terms):
    version = contract.contracted_version
    in_force(version)
    change = as_terms.get(page("change", version)).content.decode()
    assert "第1号（2026年11月20日）" in change
    assert REASON in change
    readings = as_terms.get(page("readings", version)).content.decode()
    assert "希望月の末日の2か月前" in readings
    assert PolicyRevision.objects.get().digest in readings


def test_what_the_catalog_brought_waits_for_staff_and_fills_in_the_form(contract, as_terms):
    version = contract.contracted_version
    bring_reading(version, corrected(version), NOW)
    (source,) = (one for one in sources() if one.key == "readings")
    assert list(source.listed.found()) == [version]
    listed = as_terms.get(reverse("admin:contracts_termsversion_changelist"), {"waiting": "readings"})
    assert list(listed.context["cl"].queryset) == [version]
    form = as_terms.get(page("correct", version)).context["form"]
    assert form["policy"].value() == corrected(version)


def test_readers_see_what_was_corrected_when_and_why(contract, client):
    version = contract.contracted_version
    in_force(version, reaches_back=True)
    address = reverse("contracts:terms-version", args=[contract.service.slug, version.name])
    shown = re.sub(r"\s+", " ", client.get(address).content.decode())
    assert "訂正した解釈" in shown
    assert REASON in shown
    assert "2026年11月20日" in shown
    assert "施行日にさかのぼって" in shown
    assert "第19条第1項" in shown


def test_readers_see_nothing_of_what_waits(contract, client):
    version = contract.contracted_version
    bring_reading(version, corrected(version), NOW)
    address = reverse("contracts:terms-version", args=[contract.service.slug, version.name])
    assert "訂正した解釈" not in client.get(address).content.decode()


def test_a_draft_is_edited_and_not_corrected(contract, as_terms):
    last = contract.contracted_version
    draft = contract.service.versions.create(name="next", title="下書き", text=last.text)
    assert as_terms.get(page("correct", draft)).status_code == 404


def test_a_correction_shows_how_the_worked_examples_of_the_version_come_out(ct_e1, as_terms):
    version = ct_e1.versions.get()
    shown = enter(as_terms, version, "see").content.decode()
    assert "この版の計算例" in shown
    found = re.search(r"([0-9]+)件のうち([0-9]+)件が記載どおり", shown)
    assert found
    assert int(found[2]) < int(found[1])  # two months before a month end is not what the examples say
    assert "effective_on" in shown or "deadline_on" in shown


def test_a_version_that_staff_entered_has_no_worked_examples(ct_e1):
    version = ct_e1.versions.get()
    assert worked_examples(version)
    version.text += "\n"
    assert worked_examples(version) is None


def brought(version: TermsVersion) -> PolicyRevision | None:
    return bring_reading(version, corrected(version), NOW)


def test_what_a_catalog_brought_can_be_dismissed_with_a_reason_and_does_not_come_again(contract, as_terms):
    version = contract.contracted_version
    brought(version)
    assert list(readings_to_propose()) == [version]
    address = page("dismiss_reading", version)
    assert REASON not in as_terms.get(address).content.decode()
    assert "reason" in as_terms.post(address, {"reason": " ", "confirm": "1"}).context["form"].errors
    reply = as_terms.post(address, {"reason": "現行の読み方が正しい", "confirm": "1"}, follow=True)
    assert "採用しないこととしました" in reply.content.decode()
    revision = PolicyRevision.objects.get()
    assert (revision.dismissed_at, revision.reason, revision.number) == (NOW, "現行の読み方が正しい", None)
    entry = AuditEntry.objects.get(action="terms.reading_dismissed")
    assert entry.personal == {"reason": "現行の読み方が正しい"}
    assert (list(readings_to_propose()), brought(version)) == ([], None)
    assert months_before(contract) == 1
    assert "現行の読み方が正しい" in as_terms.get(page("readings", version)).content.decode()
    with pytest.raises(ValidationError):
        dismiss_reading(version, "もう一度", scenes.staff_member(), NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyRevision.objects.update(reason="別の理由")


def test_another_reading_of_the_catalog_comes_after_one_was_dismissed(contract, staff):
    version = contract.contracted_version
    brought(version)
    dismiss_reading(version, "採用しない", staff(StaffRole.TERMS), NOW)
    other = version.policy_source.replace(ONE_MONTH, ONE_MONTH.replace("1 }", "3 }"), 1)
    assert bring_reading(version, other, NOW).waits
    # Staff may put in force what was dismissed all the same.
    in_force(version)
    assert months_before(contract) == 2
