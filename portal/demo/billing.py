"""The demonstration's invoices: the months before, their payments, and the last closed month."""

from datetime import date, datetime, time, timedelta
from functools import partial

from django.utils import timezone
from rich.progress import Progress, TaskID

from billing.models import BillingRun, Invoice
from billing.receivables.payments import record_payment
from billing.runs.bill import bill
from billing.runs.states import begin, calculate, submit
from contracts.models import Provider, TermsVersion
from contracts.rules.calendar.period import Month, japan_date
from portal.demo.story import Story
from portal.organisations.models import User

EARLIER_MONTHS = 3
INVOICES_GO_OUT_ON = 10
_Status = BillingRun.Status
_OF_STAFF = (
    _Status.CALCULATING,
    _Status.CALCULATED,
    _Status.PREVIEWED,
    _Status.APPROVED,
    _Status.CANCELLED,
)


def bill_earlier_months(now: datetime) -> None:
    """Bill the months before the last closed one."""
    today = japan_date(now)
    last_closed = Month.of(today) + -1
    for provider in Provider.objects.all():
        for months_before in range(EARLIER_MONTHS, 0, -1):
            month = last_closed + -months_before
            bill(provider, month, _issue_day(provider, month, today))


def bill_last_month(now: datetime, progress: Progress) -> None:
    """Bill the last closed month of every provider; what is billed already stays as it is.

    What somebody submitted or cancelled in the admin is theirs.
    """
    today = japan_date(now)
    month = Month.of(today) + -1
    in_the_admin = BillingRun.objects.filter(month=month.first, status__in=_OF_STAFF)
    for provider in Provider.objects.exclude(billing_runs__in=in_the_admin):
        task = progress.add_task(f"{month} {provider.name}", total=None)

        report = partial(_show, progress, task)
        result = bill(provider, month, _issue_day(provider, month, today), report=report)
        _show(progress, task, result.total.count, result.total.count)


def submit_this_month(staff: User, now: datetime) -> None:
    """Put the month that is under way to a second person for approval, where its fees are due by its end."""
    today = japan_date(now)
    month = Month.of(today)
    for provider in Provider.objects.order_by("code"):
        if _is_billed_in_advance(provider, month):
            submit(calculate(begin(provider, month, today, staff)), staff)
            return


def _show(progress: Progress, task: TaskID, done: int, of: int) -> None:
    progress.update(task, completed=done, total=of)


def _issue_day(provider: Provider, month: Month, today: date) -> date:
    """When the provider would have billed a month: at its start where it is due by its end."""
    in_advance = _is_billed_in_advance(provider, month)
    usual = month.first if in_advance else (month + 1).day(INVOICES_GO_OUT_ON)
    return min(usual, today)


def _is_billed_in_advance(provider: Provider, month: Month) -> bool:
    services = provider.services.all()
    versions = [TermsVersion.objects.in_force(service, month.last) for service in services]
    rules = [
        rule for version in versions if version for rule in version.policy.charging.due["usage"].values()
    ]
    return any(rule.months_after == 0 for rule in rules)


def book_payments(story: Story, now: datetime) -> None:
    """Book what customers have paid by now: all that is due, but for what the story leaves unpaid."""
    today = japan_date(now)
    unpaid = _unpaid_invoices(story)
    for invoice in Invoice.objects.filter(due_on__lt=today).order_by("number"):
        if invoice.pk not in unpaid:
            paid_on = invoice.due_on - timedelta(days=1)
            moment = timezone.make_aware(datetime.combine(paid_on, time(17)))
            record_payment(invoice, paid_on, invoice.gross, f"demo-{invoice.number}", now=moment)


def _unpaid_invoices(story: Story) -> set[int]:
    """The latest invoices of those customers who, as the story goes, have not paid them."""
    names = {customer.key: customer.name for customer in story.customers}
    unpaid: set[int] = set()
    for contract in story.contracts:
        invoices = Invoice.objects.filter(
            organisation__name=names[contract.customer], contract__service__slug=contract.service
        ).order_by("-month")
        unpaid.update(invoices.values_list("pk", flat=True)[: contract.unpaid_months])
    return unpaid
