"""Everything that waits for staff, each kind once: what contracts know, and what apps above them add."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from contracts.extensions import registered
from contracts.extensions.waiting import Due, Listed, Source
from contracts.inbox import waiting, work
from contracts.inbox.proposals import proposals_to_approve
from contracts.inbox.waiting import OF_CONTRACT, WAITING_DAYS
from contracts.models import Contract, Task
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.consent import start_of


def sources() -> tuple[Source, ...]:
    """Every kind of thing that waits, in the order in which pages name them."""
    return (*_OF_CONTRACTS, *registered.sources())


def filtered(model: type[Model]) -> list[tuple[Source, Listed]]:
    """What the filter `waiting` in the list of a model offers."""
    label = model._meta.label_lower
    listed = [(source, source.listed) for source in sources() if source.listed]
    return [(source, shown) for source, shown in listed if shown.model == label and shown.query is None]


def _accepted(
    key: str,
    label: Any,
    found: Callable[[], QuerySet[Contract]],
    *,
    days: int = WAITING_DAYS,
    reminder: str,
) -> Source:
    """Contracts between acceptance and start; `reminder` begins the keys of the reminders of them."""

    def due(on: date) -> Iterator[Due]:
        before = start_of(on - timedelta(days=WAITING_DAYS - 1))
        long_accepted = found().filter(accepted_at__lt=before)
        waiting = long_accepted.select_related("service__provider", "application", "organisation")
        for contract in waiting.prefetch_related("service__provider__particulars"):
            since = japan_date(contract.accepted_at or before)
            said = format_lazy(_("{what}; accepted on"), what=label)
            yield Due(f"{reminder}:{contract.pk}", contract, since, said)

    return Source(
        key=key,
        label=label,
        queued=work.of_contracts(key, label, found, days=days),
        listed=Listed("contracts.contract", found),
        due=due,
    )


def _due_tasks(on: date) -> Iterator[Due]:
    for task in Task.objects.due(on).select_related(*OF_CONTRACT):
        yield Due(f"task:{task.pk}", task.contract, task.due_on, Task.Kind(task.kind).label)


_OF_CONTRACTS = (
    proposals_to_approve(
        "approval", _("Proposals to approve"), ("contracts", "approvals"), "contracts.termsversion"
    ),
    proposals_to_approve(
        "approval_people", _("Proposals about people to approve"), ("organisations",), "organisations.user"
    ),
    Source(
        key="application",
        label=_("Applications to decide"),
        queued=work.APPLICATIONS,
        listed=Listed("contracts.application", waiting.applications, "status__exact=submitted"),
    ),
    Source(
        key="request",
        label=_("Requests to decide"),
        queued=work.REQUESTS,
        listed=Listed("contracts.contractrequest", waiting.requests, "status__exact=submitted"),
    ),
    Source(
        key="inquiry",
        label=_("Inquiries to answer"),
        queued=work.INQUIRIES,
        listed=Listed("contracts.inquiry", waiting.inquiries),
    ),
    Source(
        key="completion",
        label=_("Notices of completion to issue"),
        queued=work.COMPLETIONS,
        listed=Listed("contracts.contractrequest", waiting.for_completion),
    ),
    Source(
        key="change_mail",
        label=_("Acceptances of changes not sent"),
        queued=work.CHANGES,
        listed=Listed("contracts.contractrequest", waiting.for_change_mail),
    ),
    Source(
        key="task",
        label=_("Tasks"),
        queued=work.TASKS,
        listed=Listed("contracts.task", waiting.tasks, "done_at__isempty=1"),
        due=_due_tasks,
    ),
    _accepted(
        "acceptance_mail",
        _("Acceptances not sent"),
        waiting.for_acceptance_mail,
        days=0,
        reminder="acceptance",
    ),
    _accepted(
        "registration",
        _("Registrations to complete"),
        waiting.for_registration,
        reminder="registration",
    ),
    _accepted(
        "activation",
        _("Activation notices to issue"),
        waiting.for_activation_notice,
        reminder="activation",
    ),
    Source(key="breach", label=_("Breaches of authorised users"), queued=work.BREACHES),
    Source(
        key="refusals",
        label=_("Refusals of new terms"),
        listed=Listed("contracts.consent", waiting.refusals),
    ),
    Source(
        key="drafts",
        label=_("Terms of the catalog to propose"),
        queued=work.DRAFTS,
        listed=Listed("contracts.termsversion", waiting.drafts_to_propose),
    ),
    Source(
        key="readings",
        label=_("Corrected readings to propose"),
        listed=Listed("contracts.termsversion", waiting.readings_to_propose),
    ),
    Source(
        key="notices",
        label=_("Notices to send"),
        listed=Listed("contracts.notice", waiting.notices_to_send, "sent_at__isnull=True"),
    ),
    Source(
        key="owed_notices",
        label=_("Stops of a service without their notice"),
        queued=work.OWED_NOTICES,
        listed=Listed("contracts.notice", waiting.owed_notices),
    ),
    Source(
        key="deliveries",
        label=_("Letters of notices to look at"),
        listed=Listed("contracts.noticedelivery", waiting.letters_to_look_at, "state=look_at"),
    ),
    Source(
        key="papers",
        label=_("Applications whose form is to follow on paper"),
        listed=Listed("contracts.application", waiting.applications_without_paper),
    ),
    Source(
        key="papers_of_requests",
        label=_("Requests whose form is to follow on paper"),
        listed=Listed("contracts.contractrequest", waiting.requests_without_paper),
    ),
    Source(
        key="to_post",
        label=_("Letters on contracts to post"),
        listed=Listed(
            "outbox.mail", waiting.mails_to_post, "state=to_post&kind=contracts", "contracts.contract"
        ),
    ),
    Source(
        key="mails",
        label=_("E-mails about contracts to look at"),
        listed=Listed(
            "outbox.mail", waiting.mails_to_look_at, "state=look_at&kind=contracts", "contracts.contract"
        ),
    ),
)
