"""The provider's own notice against renewal: in time by its deadline, told by letter, ending with a term."""

from datetime import date

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from contracts.lifecycle.provider_ends.non_renewals import coming_term_ends, decline_renewal, may_decline
from contracts.models import Contract, IssuedLetter, Task
from contracts.requests.kinds.endings import CancellationData
from portal.audit.models import AuditEntry
from tests import scenes
from tests.billing_scene import load_service
from tests.scenes import accept, apply, at, day, staff_member, yamada

LAST_MOMENT = "2026-12-28 23:59:59"
"""Of the notice for the term that ends with January 2027: the 20th business day before."""


@pytest.fixture
def servers(partner_cloud, committing) -> Contract:
    """2 servers, from 1 October 2026."""
    application = apply(partner_cloud, {"base": 2}, at("2026-09-10"), wanted_start_on=day("2026-10-01"))
    return accept(application, at("2026-09-11"))


def test_in_time_the_contract_ends_with_its_term_and_the_customer_gets_a_letter(servers):
    mail.outbox.clear()
    decline_renewal(servers, staff_member(), day("2027-01-31"), at(LAST_MOMENT), note="長らくのご利用")
    ended = Contract.objects.get(pk=servers.pk)
    assert (ended.ends_on, ended.billed_through_on) == (day("2027-01-31"), day("2027-01-31"))
    assert ended.end_kind == Contract.EndKind.NOT_RENEWED_BY_PROVIDER
    assert ended.state_on(day("2027-02-01")) == Contract.State.ENDED
    letter = IssuedLetter.objects.get(kind="no_renewal")
    assert letter.document["title"] == "契約を更新しない旨の通知書"
    assert "第13条第1項" in str(letter.document["facts"])
    assert "長らくのご利用" in str(letter.document)
    assert {"通知日", "受付日"} & {fact["label"] for fact in letter.document["facts"]} == {"通知日"}
    (message,) = mail.outbox
    assert message.attachments[0][0] == f"{letter.number}.pdf"
    assert "2027年1月31日" in message.body
    assert message.subject.startswith(f"【{servers.service.name}】")
    assert f"{servers.service.name}のご契約を更新せず" in message.body
    provider = servers.service.provider.on(day("2026-12-28"))
    assert message.body.endswith(f"{provider.name}\n{provider.phone} / {provider.email}\n")
    assert message.body.count(servers.number) == 2, "once as a fact, once in the portal's address"
    assert not ended.claims.exists(), "nothing is left of a minimum term"
    assert ended.tasks.get(kind=Task.Kind.DATA_ERASURE).due_on >= day("2027-01-31")
    assert AuditEntry.objects.get(action="contract.renewal_declined").personal["note"] == "長らくのご利用"


def test_a_moment_later_it_is_refused_with_the_first_term_end_still_possible(servers):
    with pytest.raises(ValidationError) as refused:
        decline_renewal(servers, staff_member(), day("2027-01-31"), at("2026-12-29 00:00"))
    assert "2027年2月28日" in refused.value.message_dict["term_ends_on"][0]
    assert Contract.objects.get(pk=servers.pk).ends_on is None
    assert not IssuedLetter.objects.filter(kind="no_renewal").exists()


def test_the_ends_that_are_offered_are_those_that_the_deadline_leaves(servers):
    assert coming_term_ends(servers, at(LAST_MOMENT), 2) == [date(2027, 1, 31), date(2027, 2, 28)]
    assert coming_term_ends(servers, at("2026-12-29 00:00"), 1) == [date(2027, 2, 28)]


def test_only_the_end_of_a_term_will_do_and_only_once(servers):
    with pytest.raises(ValidationError) as no_end:
        decline_renewal(servers, staff_member(), day("2027-02-15"), at(LAST_MOMENT))
    assert "term_ends_on" in no_end.value.message_dict
    decline_renewal(servers, staff_member(), day("2027-02-28"), at(LAST_MOMENT))
    assert not may_decline(Contract.objects.get(pk=servers.pk), day("2026-12-29"))
    with pytest.raises(ValidationError) as again:
        decline_renewal(servers, staff_member(), day("2027-03-31"), at("2026-12-29"))
    assert again.value.code == "ends_already"


def test_the_customer_may_leave_before_that_end(servers):
    decline_renewal(servers, staff_member(), day("2027-03-31"), at(LAST_MOMENT))
    asked = scenes.ask(
        servers, "cancellation", CancellationData(wanted_on=day("2027-02-10")), at("2026-12-29")
    )
    assert asked.status != asked.Status.REFUSED
    assert Contract.objects.get(pk=servers.pk).ends_on == day("2027-02-10")


@pytest.mark.parametrize("slug", ["desknets", "ct-e1"])
def test_where_the_terms_say_nothing_of_it_there_is_none(db, slug):
    service = load_service(slug)
    product = sorted(service.versions.latest("effective_on").policy.base_products)[0]
    contract = scenes.running(service, {product: 2}, yamada())
    assert not may_decline(contract, day("2026-12-01"))
    with pytest.raises(ValidationError) as refused:
        decline_renewal(contract, staff_member(), day("2027-01-31"), at("2026-12-01"))
    assert refused.value.code == "not_provided"
