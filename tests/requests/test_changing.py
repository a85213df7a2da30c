"""The contents of a contract changed in one go: what follows, what is sent, and what goes together."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from contracts.models import Contract, ContractRequest
from contracts.requests.changing.companions import companions
from contracts.requests.changing.judging import Wanted, better_day, costs_of, earliest_for_all, judge
from contracts.requests.changing.rows import changeable
from contracts.requests.changing.sending import Sending, submit_changes
from contracts.requests.decide import accept_request, refuse_request
from contracts.requests.withdrawal import withdraw_request
from contracts.wording.reasons import NOT_POSSIBLE
from portal.audit.models import AuditEntry
from tests import scenes
from tests.billing_scene import load_priced_service
from tests.scenes import at, day, owner_of, staff_member, yamada

NOW = "2026-11-20 10:00"


@pytest.fixture
def seats(db, committing) -> Contract:
    """5 seats and 2 lines with an option, since October."""
    held = {"line": 2, "seat": 5, "recording-16h": 5}
    return scenes.running(load_priced_service("ct-e1"), held, yamada())


def send(
    contract: Contract, starts_on: str, *, together: bool = True, key=None, moment: str = NOW, **totals: int
) -> list[ContractRequest]:
    wanted = Wanted(day(starts_on), {name.replace("_", "-"): total for name, total in totals.items()})
    sending = Sending(key or uuid4(), wanted, together)
    return submit_changes(contract, owner_of(contract.organisation), sending, at(moment))


def states(*requests: ContractRequest) -> list[str]:
    return [ContractRequest.objects.get(pk=one.pk).status for one in requests]


def test_what_would_follow_is_told_line_by_line_with_the_totals_and_the_better_day(seats):
    found = changeable(seats, at(NOW))
    wanted = Wanted(day("2026-12-30"), {"seat": 10, "delivery-base": 1, "delivery-seat": 10})
    lines = judge(found, wanted)
    assert [(line.kind.key, line.wish.product) for line in lines] == [
        ("quantity_up", "seat"),
        ("add_option", "delivery-base"),
        ("add_option", "delivery-seat"),
    ]
    assert all(line.possible and line.starts_on == day("2026-12-30") for line in lines)
    costs = costs_of(found, lines)
    # 5 seats more at 5,000 yen, the delivery at 10,000 and 10 seats of it at 2,000, with 10 % tax.
    assert costs.monthly.then - costs.monthly.now == 60_500
    assert (str(costs.first_changed.month), costs.first_changed.difference) == ("2026-12", 60_500)
    better = better_day(found, wanted, lines)
    assert (better.day, better.saving, str(better.month)) == (day("2027-01-01"), 60_500, "2026-12")
    assert better.later
    assert better_day(found, Wanted(better.day, wanted.totals), judge(found, wanted)) is None

    # Fewer, from within a month on, are charged as before to its end.
    wanted = Wanted(day("2027-01-20"), {"seat": 3})
    better = better_day(found, wanted, judge(found, wanted))
    assert (better.day, better.saving, better.later) == (day("2027-01-01"), 11_000, False)

    # Seats are too late, the option is in time: its last day of use is the end of December.
    lines = judge(found, Wanted(day("2026-12-10"), {"seat": 6, "recording-16h": 0}))
    assert [line.possible for line in lines] == [False, True]
    assert costs_of(found, lines) is None
    assert (lines[1].starts_on, earliest_for_all(lines)) == (day("2027-01-01"), day("2026-12-20"))
    later = judge(found, Wanted(day("2026-12-20"), {"seat": 6, "recording-16h": 0}))
    assert all(line.possible for line in later)


def test_all_is_sent_at_once_and_the_same_page_sends_once(seats):
    key = uuid4()
    sent = send(seats, "2027-01-01", key=key, seat=6, line=1)
    assert [(one.kind, one.product, one.quantity, one.status) for one in sent] == [
        ("quantity_up", "seat", 6, "submitted"),
        ("quantity_down", "line", 1, "submitted"),
    ]
    assert {(one.sent_together, one.all_or_nothing) for one in sent} == {(key, True)}
    assert send(seats, "2027-01-01", key=key, seat=6, line=1) == sent
    entry = AuditEntry.objects.get(action="request.sent_together")
    assert (entry.data["requests"], entry.data["how"]) == ([one.number for one in sent], "together")
    with pytest.raises(ValidationError) as again:
        send(seats, "2027-01-01", seat=6, admin=1)
    assert again.value.code == "asked_already"
    assert ContractRequest.objects.count() == 2


def test_one_that_would_be_refused_lets_nothing_be_stored_and_one_alone_is_like_any_other(seats):
    with pytest.raises(ValidationError) as late:
        send(seats, "2026-12-10", together=False, seat=6, line=1)
    assert late.value.code == "not_possible"
    with pytest.raises(ValidationError) as nothing:
        send(seats, "2027-01-01", seat=5)
    assert nothing.value.code == "nothing_changes"
    assert not ContractRequest.objects.exists()
    assert not AuditEntry.objects.filter(action__startswith="request.").exists()
    # What is asked for alone is a request like any other.
    (alone,) = send(seats, "2027-01-01", seat=10)
    assert (alone.sent_together, alone.all_or_nothing) == (None, False)
    assert not companions(alone).exists()


def test_together_they_are_accepted_in_the_order_in_which_they_can_be_carried_out(seats):
    base, by_seat, option = send(seats, "2027-01-01", delivery_base=1, delivery_seat=5, recording_16h=0)
    assert option.counts_by_itself
    accept_request(by_seat, staff_member(), at("2026-11-21"))
    assert states(base, by_seat, option) == ["accepted"] * 3
    held = Contract.objects.get(pk=seats.pk).items_on(day("2027-01-01"))
    assert held == {"line": 2, "seat": 5, "delivery-base": 1, "delivery-seat": 5}


def test_a_refusal_lets_those_fall_that_go_together_with_it(seats):
    more, fewer, option = send(seats, "2027-01-01", seat=6, line=1, recording_16h=0)
    (other,) = send(seats, "2027-01-01", admin=1)
    refuse_request(fewer, staff_member(), NOT_POSSIBLE, "", at("2026-11-21"))
    # What counted by its receipt is put back.
    assert states(more, fewer, option, other) == ["refused", "refused", "withdrawn", "submitted"]
    assert Contract.objects.get(pk=seats.pk).items_on(day("2027-01-01"))["recording-16h"] == 5
    fallen = AuditEntry.objects.filter(action="request.fell").order_by("pk")
    assert [(one.data["number"], one.data["because"]) for one in fallen] == [
        (more.number, fewer.number),
        (option.number, fewer.number),
    ]
    assert more.letters.filter(kind="refusal").exists()


def test_a_withdrawal_takes_the_others_back_as_well_but_not_where_each_is_for_itself(seats):
    more, fewer = send(seats, "2027-01-01", seat=6, line=1)
    withdraw_request(more, owner_of(yamada()), at("2026-11-21"))
    assert states(more, fewer) == ["withdrawn", "withdrawn"]
    more, fewer = send(seats, "2027-01-01", together=False, seat=6, line=1)
    refuse_request(more, staff_member(), NOT_POSSIBLE, "", at("2026-11-21"))
    assert states(more, fewer) == ["refused", "submitted"]
