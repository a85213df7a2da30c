"""What happens despite a deadline, as a proposal to a manager: a request accepted, a notice sent, an end."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contracts.extensions.kinds import kind_label
from contracts.lifecycle.provider_ends.service_ends import LATE_END as LATE_END_KEY
from contracts.lifecycle.provider_ends.service_ends import end_offer, judge_end
from contracts.models import ContractRequest, Notice
from contracts.notices.check import check_notice
from contracts.notices.recipients import Recipient, recipients
from contracts.notices.send import LATE_NOTICE as LATE_NOTICE_KEY
from contracts.notices.send import send_notice, too_late_text
from contracts.requests.decide import accept_request
from contracts.requests.lines import changed_lines
from contracts.requests.rechecks import LATE_REQUEST as LATE_REQUEST_KEY
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.succession import DebtsSaid
from contracts.rules.policy.base import Strict
from contracts.wording.formats import day_text, moment_text
from contracts.wording.late import late_now
from contracts.wording.products import product_line
from portal.approvals.kinds import Kind, Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.organisations.models import Organisation


class LateRequestData(Strict):
    """A request, by its key, accepted despite its deadline; the rest as `accept_request` has it."""

    request: int
    override_reason: str
    successor: int | None = None
    representative: int | None = None
    takes_debts: DebtsSaid | None = None


class LateNoticeData(Strict):
    """A notice, by its key, sent later than the terms allow."""

    notice: int
    override_reason: str


class LateEndData(Strict):
    """An option (or the service, where `product` is empty) ended by a notice that is not in time."""

    notice: int
    product: str
    ends_on: date
    override_reason: str


def _request(wanted: LateRequestData) -> ContractRequest:
    found = ContractRequest.objects.select_related("contract__service__provider", "contract__organisation")
    asked = found.get(pk=wanted.request)
    if not asked.is_open:
        decided = {"number": asked.number, "status": asked.get_status_display()}
        raise OvertakenError(gettext("%(number)s was already decided: %(status)s.") % decided)
    return asked


def _request_subject(wanted: LateRequestData) -> Subject:
    asked = _request(wanted)
    contract = asked.contract
    return Subject(
        about=asked,
        name=f"{asked.number} {kind_label(asked.kind)} {contract.organisation.name}",
        provider=contract.service.provider.code,
        organisation=contract.organisation,
    )


def _request_lines(wanted: LateRequestData) -> Iterator[Line]:
    asked = _request(wanted)
    yield Line(gettext("Received on"), "", day_text(japan_date(asked.submitted_at)))
    for line in changed_lines(asked):
        yield Line(str(line.label), str(line.before), str(line.after))
    yield Line(gettext("Deadline"), late_now(), gettext("It is accepted all the same."))
    if wanted.successor:
        yield Line(gettext("Successor"), "", Organisation.objects.get(pk=wanted.successor).name)
    yield Line(gettext("Reason"), "", wanted.override_reason)


def _accept(wanted: LateRequestData, approval: Proposal, at: datetime) -> str:
    asked = accept_request(
        _request(wanted),
        approval.proposed_by,
        at,
        override_reason=wanted.override_reason,
        successor=Organisation.objects.get(pk=wanted.successor) if wanted.successor else None,
        representative=wanted.representative,
        takes_debts=wanted.takes_debts,
        approval=approval,
    )
    return gettext("Request %(number)s is accepted.") % {"number": asked.number}


LATE_REQUEST = Kind(
    key=LATE_REQUEST_KEY,
    label=_("Acceptance despite the deadline"),
    data=LateRequestData,
    right="contracts.change_contractrequest",
    subject=_request_subject,
    lines=_request_lines,
    carry_out=_accept,
    form=lambda wanted: reverse("admin:contracts_contractrequest_accept", args=[wanted.request]),
    right_to_approve=lambda wanted: "contracts.override_contractrequest",
)


def _notice(key: int) -> Notice:
    return Notice.objects.select_related("service__provider").get(pk=key)


def _unsent(wanted: LateNoticeData) -> Notice:
    notice = _notice(wanted.notice)
    if notice.sent_at:
        raise OvertakenError(gettext("The notice was sent; it stays as it is."))
    return notice


def _notice_subject(wanted: LateNoticeData) -> Subject:
    notice = _unsent(wanted)
    return Subject(about=notice, name=notice.subject, provider=notice.service.provider.code)


def _notice_lines(wanted: LateNoticeData) -> Iterator[Line]:
    notice = _unsent(wanted)
    check = check_notice(notice, now())
    told = list(recipients(notice, localdate()))
    for name, text in _stated(notice).items():
        if text:
            yield Line(str(Notice._meta.get_field(name).verbose_name), "", text)  # type: ignore[union-attr]
    yield Line(gettext("Number of recipients"), "", str(len(told)))
    yield Line(gettext("Hash of the recipients"), "", _hash(_addressed(told)))
    if check and not check.in_time:
        sent = gettext("It is sent all the same.")
        yield Line(gettext("Deadline"), too_late_text(check, notice), sent)
    yield Line(gettext("Reason"), "", wanted.override_reason)


def _stated(notice: Notice) -> dict[str, str]:
    """All that staff enter of a notice, in words, by the names of its fields."""
    version = notice.terms_version
    return {
        "purpose": notice.get_purpose_display(),
        "terms_version": version.name if version else "",
        "subject": notice.subject,
        "body": notice.body,
        "subject_en": notice.subject_en,
        "body_en": notice.body_en,
        "effective_on": day_text(notice.effective_on),
        "reason": notice.reason,
        "starts_at": moment_text(notice.starts_at) if notice.starts_at else "",
        "ends_at": moment_text(notice.ends_at) if notice.ends_at else "",
        "scope": notice.get_scope_display(),
        "product": notice.product,
        "by_letter": gettext("Yes") if notice.by_letter else gettext("No"),
    }


def _addressed(told: Sequence[Recipient]) -> list[Any]:
    """Everybody who is told, with the addresses and in the language."""
    return [
        [
            one.organisation.pk,
            one.organisation.address,
            one.organisation.invoice_email,
            one.language,
            sorted([person.pk, person.email if person in one.mailed else ""] for person in one.people),
            *([one.named] if one.named else []),
        ]
        for one in told
    ]


def _hash(stated: Any) -> str:
    """The SHA-256 of what is too long for a line, and is approved as it is all the same."""
    return hashlib.sha256(json.dumps(stated, cls=DjangoJSONEncoder).encode()).hexdigest()


def _send(wanted: LateNoticeData, approval: Proposal, at: datetime) -> str:
    send_notice(
        _unsent(wanted),
        approval.proposed_by,
        at,
        override_reason=wanted.override_reason,
        approval=approval,
    )
    return gettext("The notice is sent.")


LATE_NOTICE = Kind(
    key=LATE_NOTICE_KEY,
    label=_("Notice sent too late"),
    data=LateNoticeData,
    right="contracts.change_notice",
    subject=_notice_subject,
    lines=_notice_lines,
    carry_out=_send,
    form=lambda wanted: reverse("admin:contracts_notice_send", args=[wanted.notice]),
    right_to_approve=lambda wanted: "contracts.override_notice",
)


def _end_subject(wanted: LateEndData) -> Subject:
    service = _notice(wanted.notice).service
    return Subject(about=service, name=service.name, provider=service.provider.code)


def _end_lines(wanted: LateEndData) -> Iterator[Line]:
    notice = _notice(wanted.notice)
    judged = judge_end(notice, wanted.product, wanted.ends_on)
    whole = gettext("The whole service")
    product = product_line(judged.version.policy, wanted.product, 1).name if wanted.product else whole
    yield Line(gettext("Ends"), "", product)
    yield Line(gettext("Last day"), "", day_text(wanted.ends_on))
    yield Line(gettext("Notice"), "", notice.subject)
    yield Line(
        gettext("Earliest last day by the terms"),
        day_text(judged.earliest_on) if judged.earliest_on else "",
        day_text(wanted.ends_on),
    )
    yield Line(gettext("Contracts that it ends in"), "", str(judged.contracts.count()))
    yield Line(gettext("Contracts without an effective notice"), "", str(len(judged.not_told)))
    keys = [sorted(one.pk for one in found) for found in (judged.contracts, judged.not_told)]
    yield Line(gettext("Hash of these contracts"), "", _hash(keys))
    yield Line(gettext("Reason"), "", wanted.override_reason)


def _end(wanted: LateEndData, approval: Proposal, at: datetime) -> str:
    ended = end_offer(
        _notice(wanted.notice),
        approval.proposed_by,
        wanted.product,
        wanted.ends_on,
        at,
        override_reason=wanted.override_reason,
        approval=approval,
    )
    text = ngettext(
        "It ends in %(count)s contract on %(day)s.", "It ends in %(count)s contracts on %(day)s.", len(ended)
    )
    return text % {"count": len(ended), "day": day_text(wanted.ends_on)}


def _end_form(wanted: LateEndData) -> str:
    return reverse("admin:contracts_service_end", args=[_notice(wanted.notice).service_id])


LATE_END = Kind(
    key=LATE_END_KEY,
    label=_("End without a notice in time"),
    data=LateEndData,
    right="contracts.change_service",
    subject=_end_subject,
    lines=_end_lines,
    carry_out=_end,
    form=_end_form,
    right_to_approve=lambda wanted: "contracts.override_notice",
)
