"""What must be said on a day: to customers before their deadlines, to staff when something is due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from contracts.correspondence import contract_mails as mail
from contracts.correspondence.addressees import told_of
from contracts.extensions.waiting import Due
from contracts.inbox.sources import sources
from contracts.inbox.waiting import OF_CONTRACT
from contracts.lifecycle.deadlines import UpcomingDeadline, next_deadlines
from contracts.models import Contract, ContractRequest, RequestMessage, Task
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.consent import start_of
from contracts.wording.dated_lines import DatedLine
from contracts.wording.formats import day_text, until_text
from portal.organisations.company.concerned import Topic

RENEWAL_DAYS = 30
"""How many days before its deadline customers are reminded of notice against a renewal."""

END_DAYS = 14
"""How many days before a contract ends customers are reminded of it."""

DEVICE_DAYS = 3
QUESTION_DAYS = 3
"""After how many days customers are reminded of a question or a missing document."""


@dataclass(frozen=True)
class DueReminder:
    """Something to say once, to the addresses in `to`. `key` names it for ever.

    `label` is what it is about, by the name of the template that says it. `until` is the last moment to act,
    where it is a deadline.
    """

    key: str
    template: str
    contract: Contract
    to: tuple[str, ...]
    due_on: date
    label: str
    articles: str = ""
    until: datetime | None = None

    def queue(self) -> None:
        """Put it into the outbox. Runs inside the caller's transaction."""

        def context() -> dict[str, Any]:
            day = until_text(self.until) if self.until else day_text(self.due_on)
            return {"lines": [DatedLine(self.label, day, self.articles)]}

        mail.reminder(self.template, self.contract, context, self.to, self.key, {"reminder": self.key})


def due_reminders(on: date) -> Iterator[DueReminder]:
    """Everything to be said on a day, whether it was said before or not; also what nobody wants to hear."""
    books = Rulebooks()
    for contract in _running(on):
        yield from _of_contract(contract, on, books)
    yield from _devices(on)
    yield from _questions(on)
    yield from _documents(on)
    for source in sources():
        if source.due:
            yield from (_to_staff(due) for due in source.due(on))


def _running(on: date) -> QuerySet[Contract]:
    return (
        Contract.objects.running_on(on)
        .select_related(
            "service__provider",
            "contracted_version__service",
            "organisation",
            "application__service__provider",
            "application__organisation",
            "application__applicant",
        )
        .prefetch_related("requests__terms_version__service")
        .order_by("pk")
    )


def _of_contract(contract: Contract, on: date, books: Rulebooks) -> list[DueReminder]:
    with override(contract.application.language):
        return [
            _reminder(*said, contract, deadline)
            for deadline in next_deadlines(contract, on, books)
            if (said := _said_of(deadline))
        ]


def _said_of(deadline: UpcomingDeadline) -> tuple[str, str] | None:
    """The kind of reminder that a deadline calls for now, and its template."""
    if deadline.kind == "renewal_notice" and _is_long(deadline) and deadline.days_left <= RENEWAL_DAYS:
        return "renewal", "reminder_renewal"
    if deadline.kind == "contract_end" and deadline.days_left <= END_DAYS:
        return "end", "reminder_deadline"
    return None


def _is_long(deadline: UpcomingDeadline) -> bool:
    """Whether a term is worth a reminder: one that is renewed month by month is not."""
    renewal = deadline.version.policy.renewal
    return renewal is not None and renewal.months > 1


def _reminder(kind: str, template: str, contract: Contract, deadline: UpcomingDeadline) -> DueReminder:
    return DueReminder(
        key=f"{kind}:{contract.pk}:{deadline.on}",
        template=template,
        contract=contract,
        to=tuple(told_of(contract, Topic.REMINDERS)),
        due_on=deadline.on,
        label=deadline.label,
        articles=_(", ").join(article.label for article in deadline.explanation.articles),
        until=deadline.until,
    )


def _to_customer(key: str, contract: Contract, due_on: date, label: Any, number: str = "") -> DueReminder:
    to = tuple(told_of(contract, Topic.REMINDERS))
    return _plain(key, "reminder_deadline", contract, to, due_on, label, number)


def _to_staff(due: Due) -> DueReminder:
    to = (due.contract.service.provider.email,)
    return _plain(due.key, "reminder_staff", due.contract, to, due.due_on, due.label, "")


def _plain(
    key: str, template: str, contract: Contract, to: tuple[str, ...], due_on: date, label: Any, number: str
) -> DueReminder:
    with override(contract.application.language):
        said = str(label) % {"number": number} if number else str(label)
    return DueReminder(key, template, contract, to, due_on, said)


def _devices(on: date) -> Iterator[DueReminder]:
    soon = Task.objects.undone().filter(
        kind=Task.Kind.DEVICE_RETURN, due_on__gte=on, due_on__lte=on + timedelta(days=DEVICE_DAYS)
    )
    for task in soon.select_related(*OF_CONTRACT):
        yield _to_customer(
            f"device:{task.pk}", task.contract, task.due_on, gettext_lazy("A device goes back by")
        )


def _questions(on: date) -> Iterator[DueReminder]:
    """Questions that have waited for their answer."""
    asked = RequestMessage.objects.filter(
        kind=RequestMessage.Kind.QUESTION,
        request__status=ContractRequest.Status.ASKED_BACK,
        at__lt=start_of(on - timedelta(days=QUESTION_DAYS - 1)),
    )
    label = gettext_lazy("Your answer on request %(number)s, asked on")
    for message in asked.select_related("request__contract__application", "request__contract__organisation"):
        request = message.request
        key = f"question:{message.pk}"
        yield _to_customer(key, request.contract, japan_date(message.at), label, request.number)


def _documents(on: date) -> Iterator[DueReminder]:
    """Requests that have waited for a document."""
    without = ContractRequest.objects.filter(
        status__in=ContractRequest.OPEN,
        proof_wanted=True,
        documents__isnull=True,
        submitted_at__lt=start_of(on - timedelta(days=QUESTION_DAYS - 1)),
    )
    label = gettext_lazy("The document for request %(number)s, sent on")
    for request in without.select_related(*OF_CONTRACT):
        sent_on = japan_date(request.submitted_at)
        yield _to_customer(f"document:{request.pk}", request.contract, sent_on, label, request.number)
