"""The work of reception staff as lines of one queue, whatever it is about: what waits, since when, till when.

A source gives slim rows of all that waits, and for the few on a page what there is to show of them: the
number of queries does not grow with the number of rows.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, cast

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext

from contracts.extensions.kinds import kind_label
from contracts.extensions.waiting import Queued, Wanted, WorkEntry, WorkRow
from contracts.inbox import waiting
from contracts.inbox.waiting import WAITING_DAYS
from contracts.models import (
    Application,
    ApplicationMessage,
    AuthorisedUser,
    Contract,
    ContractDocument,
    ContractRequest,
    Inquiry,
    Notice,
    Task,
    TermsVersion,
)
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import japan_date
from contracts.rules.stored import day, lookup
from contracts.wording.formats import day_text


def answer_by(received_on: date, wanted_on: date | None) -> date:
    """The day by which to answer: when staff are reminded, or on the wanted day where that comes before.

    A day that lay in the past when it was named sets no pace.
    """
    usual = received_on + timedelta(days=WAITING_DAYS)
    return min(usual, wanted_on) if wanted_on and wanted_on >= received_on else usual


def _application_rows(wanted: Wanted) -> Iterator[WorkRow]:
    said = ApplicationMessage.objects.filter(application=OuterRef("pk")).order_by("-at", "-pk")
    found = waiting.applications().filter(wanted.of("")).annotate(last=Subquery(said.values("kind")[:1]))
    for pk, at, start_on, last in found.values_list("pk", "submitted_at", "wanted_start_on", "last"):
        since = japan_date(at)
        asked_back = last == ApplicationMessage.Kind.QUESTION
        yield WorkRow("application", pk, answer_by(since, start_on), since, asked_back=asked_back)


def _application_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    found = Application.objects.filter(pk__in=pks).select_related("service", "organisation")
    return {
        one.pk: WorkEntry(
            number=one.number,
            about=gettext("Application"),
            customer=one.organisation.name,
            service=one.service.name,
            url=reverse("admin:contracts_application_change", args=[one.pk]),
        )
        for one in found
    }


def _of_contract_or_number(wanted: Wanted) -> Q:
    condition = wanted.of("contract")
    if wanted.text:
        own = Q(number__icontains=wanted.text)
        condition |= own & wanted.of_service("contract__service")
    return condition


def _request_rows(wanted: Wanted) -> Iterator[WorkRow]:
    handed_in = ContractDocument.objects.filter(request=OuterRef("pk"))
    found = waiting.undecided_requests().filter(_of_contract_or_number(wanted))
    columns = found.annotate(handed_in=Exists(handed_in)).values_list(
        "pk", "submitted_at", "wanted_on", "status", "proof_wanted", "handed_in"
    )
    for pk, at, wanted_on, status, proof_wanted, proved in columns:
        since = japan_date(at)
        yield WorkRow(
            "request",
            pk,
            answer_by(since, wanted_on),
            since,
            asked_back=status == ContractRequest.Status.ASKED_BACK,
            for_documents=proof_wanted and not proved,
        )


def _inquiry_rows(wanted: Wanted) -> Iterator[WorkRow]:
    found = waiting.inquiries().filter(_inquiries_wanted(wanted))
    for pk, at in found.values_list("pk", "waits_since"):
        since = japan_date(at)
        yield WorkRow("inquiry", pk, answer_by(since, None), since)


def _inquiries_wanted(wanted: Wanted) -> Q:
    """Inquiries lead to their provider by themselves; of a service are those about its contracts."""
    condition = wanted.providers.at("provider")
    if wanted.service:
        condition &= Q(contract__service=wanted.service)
    if wanted.customer:
        condition &= Q(organisation=wanted.customer)
    if wanted.text:
        named = ("number", "subject", "organisation__name", "organisation__kana")
        condition &= reduce(or_, (Q(**{f"{name}__icontains": wanted.text}) for name in named))
    return condition


def _inquiry_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    found = Inquiry.objects.filter(pk__in=pks).select_related("contract__service", "organisation")
    return {
        one.pk: WorkEntry(
            number=one.number,
            about=one.subject,
            customer=one.organisation.name,
            service=one.contract.service.name if one.contract else "",
            url=reverse("admin:contracts_inquiry_change", args=[one.pk]),
        )
        for one in found
    }


def _completion_rows(wanted: Wanted) -> Iterator[WorkRow]:
    found = waiting.for_completion().filter(_of_contract_or_number(wanted))
    for pk, at, wanted_on, effective_on in found.values_list(
        "pk", "decided_at", "wanted_on", lookup("decision", "effective_on")
    ):
        since = japan_date(cast(datetime, at))
        yield WorkRow("completion", pk, day(effective_on) or wanted_on or since, since)


def _change_rows(wanted: Wanted) -> Iterator[WorkRow]:
    found = waiting.for_change_mail().filter(_of_contract_or_number(wanted))
    for pk, at in found.values_list("pk", "decided_at"):
        since = japan_date(cast(datetime, at))
        yield WorkRow("change_mail", pk, since, since)


def _request_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    found = ContractRequest.objects.filter(pk__in=pks).select_related(
        "contract__service", "contract__organisation"
    )
    return {
        one.pk: WorkEntry(
            number=one.number,
            about=kind_label(one.kind),
            customer=one.contract.organisation.name,
            service=one.contract.service.name,
            url=reverse("admin:contracts_contractrequest_change", args=[one.pk]),
        )
        for one in found
    }


def _completion_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    found = _request_entries(pks)
    said = gettext("Notice of completion: %(kind)s")
    return {pk: replace(entry, about=said % {"kind": entry.about}) for pk, entry in found.items()}


def of_contracts(key: str, label: Any, found: Callable[[], QuerySet[Contract]], *, days: int) -> Queued:
    """Contracts that wait for a step of staff: due some days after the acceptance, or at the wanted start."""

    def rows(wanted: Wanted) -> Iterator[WorkRow]:
        columns = found().filter(wanted.of("")).values_list("pk", "accepted_at", "wanted_start_on")
        for pk, at, start_on in columns:
            since = japan_date(cast(datetime, at))
            yield WorkRow(key, pk, answer_by(since, start_on) if days else since, since)

    def entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
        return contract_entries(pks, label)

    return Queued("contracts.contract", rows, entries)


def contract_entries(pks: Iterable[int], label: Any) -> dict[int, WorkEntry]:
    """Entries that are dealt with on the pages of contracts, all about the same."""
    contracts = Contract.objects.filter(pk__in=pks).select_related("service", "organisation")
    return {one.pk: contract_entry(one, str(label)) for one in contracts}


def contract_entry(contract: Contract, about: str) -> WorkEntry:
    """An entry that is dealt with on the page of a contract."""
    return WorkEntry(
        number=contract.number,
        about=about,
        customer=contract.organisation.name,
        service=contract.service.name,
        url=reverse("admin:contracts_contract_change", args=[contract.pk]),
    )


def _task_rows(wanted: Wanted) -> Iterator[WorkRow]:
    found = waiting.tasks().filter(wanted.of("contract"))
    columns: Iterable[tuple[int, date, datetime]] = found.values_list("pk", "due_on", "created_at")
    for pk, due_on, created_at in columns:
        yield WorkRow("task", pk, due_on, japan_date(created_at))


def _task_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    found = Task.objects.filter(pk__in=pks).select_related("contract__service", "contract__organisation")
    return {
        one.pk: WorkEntry(
            number=one.contract.number,
            about=one.get_kind_display(),
            customer=one.contract.organisation.name,
            service=one.contract.service.name,
            url=reverse("admin:contracts_task_change", args=[one.pk]),
        )
        for one in found
    }


def _breach_rows(wanted: Wanted) -> Iterator[WorkRow]:
    """Breaches; due when the time to cure is over by the terms, at once where they name none."""
    books = Rulebooks()
    found = waiting.breaches().filter(wanted.of("contract"))
    for user in found.select_related("contract__service", "contract__contracted_version__service"):
        breach_on = cast(date, user.breach_on)
        yield WorkRow("breach", user.pk, _cured_by(user.contract, breach_on, books), breach_on)


def _cured_by(contract: Contract, breach_on: date, books: Rulebooks) -> date:
    version = books.governing(contract, breach_on)
    rule = version.policy.termination
    grounds = [ground.key for ground in rule.grounds if ground.since == "breach"] if rule else []
    rules = books.of(version)
    ends = [rules.termination(key, breach_on, breach_on).possible_from for key in grounds]
    return min(ends, default=breach_on)


def _breach_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    found = AuthorisedUser.objects.filter(pk__in=pks).select_related(
        "contract__service", "contract__organisation"
    )
    return {
        one.pk: WorkEntry(
            number=one.contract.number,
            about=gettext("Breach of %(name)s on %(day)s")
            % {"name": one.name, "day": day_text(one.breach_on) if one.breach_on else ""},
            customer=one.contract.organisation.name,
            service=one.contract.service.name,
            url=reverse("admin:contracts_authoriseduser_change", args=[one.pk]),
        )
        for one in found
    }


def _draft_rows(wanted: Wanted) -> Iterator[WorkRow]:
    """Drafts of a catalog; a text finds none of them, as they have neither number nor customer."""
    found = waiting.drafts_to_propose().filter(wanted.of_service("service"))
    for pk, at in () if wanted.text else found.values_list("pk", "brought_at"):
        since = japan_date(cast(datetime, at))
        yield WorkRow("drafts", pk, since, since)


def _draft_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    return {
        one.pk: WorkEntry(
            number=one.name,
            about=gettext("Terms of the catalog: %(title)s") % {"title": one.title},
            customer="",
            service=one.service.name,
            url=reverse("admin:contracts_termsversion_change", args=[one.pk]),
        )
        for one in TermsVersion.objects.filter(pk__in=pks).select_related("service")
    }


def _owed_notice_rows(wanted: Wanted) -> Iterator[WorkRow]:
    """Stops that have begun; due on the day on which they were over, as customers are told promptly."""
    found = waiting.owed_notices().filter(wanted.of_service("service"))
    if wanted.text:
        found = found.filter(subject__icontains=wanted.text)
    for notice in found:
        since = japan_date(notice.starts_at) if notice.starts_at else notice.effective_on
        over_on = japan_date(notice.ends_at) if notice.ends_at else since
        yield WorkRow("owed_notices", notice.pk, over_on, since)


def _owed_notice_entries(pks: Iterable[int]) -> dict[int, WorkEntry]:
    return {
        one.pk: WorkEntry(
            number=one.subject,
            about=gettext("No notice was sent"),
            customer="",
            service=one.service.name,
            url=reverse("admin:contracts_notice_change", args=[one.pk]),
        )
        for one in Notice.objects.filter(pk__in=pks).select_related("service")
    }


APPLICATIONS = Queued("contracts.application", _application_rows, _application_entries)
REQUESTS = Queued("contracts.contractrequest", _request_rows, _request_entries)
INQUIRIES = Queued("contracts.inquiry", _inquiry_rows, _inquiry_entries)
COMPLETIONS = Queued("contracts.contractrequest", _completion_rows, _completion_entries)
CHANGES = Queued("contracts.contractrequest", _change_rows, _request_entries)
TASKS = Queued("contracts.task", _task_rows, _task_entries)
BREACHES = Queued("contracts.authoriseduser", _breach_rows, _breach_entries)
DRAFTS = Queued("contracts.termsversion", _draft_rows, _draft_entries, of_services=True)
OWED_NOTICES = Queued("contracts.notice", _owed_notice_rows, _owed_notice_entries, of_services=True)
