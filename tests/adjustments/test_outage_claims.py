"""Outages that customers claim: sent at a moment that counts, accepted as an outage, or refused."""

import uuid
from datetime import date

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError

from billing.adjustments.outage_claims import (
    ClaimedOutage,
    accept_claim,
    claim_outage,
    claimable_until,
    refuse_claim,
    withdraw_claim,
)
from billing.adjustments.outages import OutageReport, record_outage
from billing.approvals.credits import OUTAGE, OutageData
from billing.inbox.work import OUTAGE_CLAIMS
from billing.models import OutageClaim, RecordedOutage
from contracts.extensions.waiting import Wanted
from portal.approvals.decide import put_forward
from portal.audit.models import AuditEntry
from portal.organisations.roles import StaffRole
from portal.outbox.worker import send_due
from tests.approving import approve_it, approved
from tests.billing_scene import load_priced_service, make_contract
from tests.scenes import at, owner_of, staff_member, suzuki

FEE = 10 * 400


@pytest.fixture(autouse=True)
def now(db):
    with time_machine.travel(at("2026-10-20 10:00"), tick=False) as clock:
        yield clock


@pytest.fixture
def contract(organisation, user):
    service = load_priced_service("progoffice")
    return make_contract(
        service, organisation, user, "C26-000001", {"user": 10}, billed_from=date(2026, 8, 1)
    )


@pytest.fixture
def staff():
    return staff_member()


def claimed(
    contract, user, begins="2026-09-01 00:00", ends="2026-09-20 00:00", moment="2026-10-20 10:00", **more
):
    outage = ClaimedOutage(at(begins), at(ends), "ファイルを開けない", **{"damage": 3_000, **more})
    return claim_outage(contract, user, outage, at(moment), uuid.uuid4())


def accepted(contract, claim, staff, **more):
    """Staff propose the outage as it was claimed, and a second person approves it."""
    wanted = OutageData(
        contract=contract.number,
        known_at=claim.begins_at,
        restored_at=claim.ends_at,
        fault="ordinary",
        damage=claim.damage,
        claimed_at=claim.claimed_at,
        reason="確認しました",
        claim=claim.pk,
        **more,
    )
    return put_forward(OUTAGE, wanted, staff, at("2026-10-20 10:00"))


def test_a_claim_counts_from_its_sending_and_waits_for_staff(contract, user):
    claim = claimed(contract, user)
    assert (claim.claimed_at, claim.state) == (at("2026-10-20 10:00"), "submitted")
    (row,) = OUTAGE_CLAIMS.rows(Wanted())
    assert OUTAGE_CLAIMS.entries([row.pk])[row.pk].number == contract.number
    send_due()
    (sent,) = mail.outbox
    assert "受け付けました" in sent.subject
    assert "ファイルを開けない" in sent.body


def test_sent_twice_it_is_there_once(contract, user):
    key, outage = uuid.uuid4(), ClaimedOutage(at("2026-09-01"), at("2026-09-20"), "開けない", damage=1)
    first = claim_outage(contract, user, outage, at("2026-10-20"), key)
    assert claim_outage(contract, user, outage, at("2026-10-20"), key) == first


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"ends": "2026-09-01 00:00"}, "ends_at"),
        ({"ends": "2026-10-20 10:01"}, "ends_at"),
        ({"begins": "2026-07-31 00:00"}, "begins_at"),
        ({"damage": None}, "damage"),
        ({"damage": 0}, "damage"),
        ({"product": "unknown"}, "product"),
    ],
)
def test_what_can_not_have_been_is_named_at_its_field(contract, user, facts, field):
    with pytest.raises(ValidationError) as refused:
        claimed(contract, user, **facts)
    assert field in refused.value.error_dict
    assert not OutageClaim.objects.exists()


def test_nobody_else_claims_and_nothing_is_claimed_twice(contract, user):
    with pytest.raises(ValidationError):
        claimed(contract, owner_of(suzuki()))
    claimed(contract, user)
    with pytest.raises(ValidationError):
        claimed(contract, user, begins="2026-09-19 00:00", ends="2026-09-21 00:00")


def test_accepted_it_is_recorded_credited_and_told(contract, user, make_staff):
    claim = claimed(contract, user)
    proposal = accepted(contract, claim, make_staff("keiri@provider.example", StaffRole.BILLING))
    if proposal.waits:
        approve_it(make_staff("buchou@provider.example", StaffRole.MANAGER))
    claim.refresh_from_db()
    outage = RecordedOutage.objects.get()
    assert (claim.state, claim.outage, outage.claimed_at) == ("accepted", outage, claim.claimed_at)
    assert outage.credit.amount == -3_000
    send_due()
    assert "認めました" in mail.outbox[-1].subject
    assert "3,000円" in mail.outbox[-1].body
    assert not list(OUTAGE_CLAIMS.rows(Wanted()))


def test_an_outage_that_is_recorded_already_answers_it(contract, user, staff):
    report = OutageReport(at("2026-09-01"), at("2026-09-20"), "ordinary", damage=3_000)
    outage = record_outage(contract, report, "停電", staff, approval=approved("outage"))
    claim = claimed(contract, user)
    accept_claim(claim, outage, "", staff, at("2026-10-20 10:00"))
    claim.refresh_from_db()
    assert claim.outage == outage
    later = claimed(contract, user, begins="2026-09-25", ends="2026-09-26")
    with pytest.raises(ValidationError) as refused:
        accept_claim(later, outage, "", staff, at("2026-10-20 10:00"))
    assert "outage" in refused.value.error_dict


def test_refused_it_tells_why(contract, user, staff):
    claim = claimed(contract, user)
    with pytest.raises(ValidationError):
        refuse_claim(claim, " ", staff, at("2026-10-20 10:00"))
    refuse_claim(claim, "回線事業者の障害のため", staff, at("2026-10-20 10:00"))
    send_due()
    assert "回線事業者の障害のため" in mail.outbox[-1].body
    with pytest.raises(ValidationError):
        withdraw_claim(claim, user, at("2026-10-20 10:00"))
    assert AuditEntry.objects.filter(action="outage.claim_refused").get().actor == staff


def test_it_can_be_taken_back_while_it_waits(contract, user, staff):
    claim = withdraw_claim(claimed(contract, user), user, at("2026-10-20 10:00"))
    assert claim.state == "withdrawn"
    with pytest.raises(ValidationError):
        refuse_claim(claim, "遅い", staff, at("2026-10-20 10:00"))


def test_by_progoffice_38_1_the_right_lapses_three_months_after_it_arose(contract, user, staff, now):
    """360 hours from 1 September are over with the 15th: the right arises on the 16th, at 0:00."""
    now.move_to(at("2026-12-20 10:00"))
    in_time = claimed(contract, user, moment="2026-12-16 23:59")
    assert claimable_until(in_time) == date(2026, 12, 16)
    report = OutageReport(
        in_time.begins_at, in_time.ends_at, "ordinary", damage=3_000, claimed_at=in_time.claimed_at
    )
    assert record_outage(contract, report, "", staff, approval=approved("outage")).credit

    late = OutageReport(
        at("2026-08-05"), at("2026-08-25"), "ordinary", damage=3_000, claimed_at=at("2026-12-17")
    )
    with pytest.raises(ValidationError) as lapsed:
        record_outage(contract, late, "", staff, approval=approved("outage"))
    assert "11月20日" in str(lapsed.value)


def test_terms_that_owe_no_damage_do_not_ask_for_one(organisation, user):
    contract = make_contract(
        load_priced_service("ct-e1"),
        organisation,
        user,
        "C26-000002",
        {"line": 2},
        billed_from=date(2026, 8, 1),
    )
    assert claimed(contract, user, begins="2026-09-01", ends="2026-09-03", damage=None).damage is None
