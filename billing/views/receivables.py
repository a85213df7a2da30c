"""Files about what is owed: letters, statements of account, requests for direct debits."""

from datetime import date
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.correspondence.letters import kept_pdf
from billing.documents.letters import render_statement
from billing.models import DepositLetter, DirectDebitBatch, PayoutBatch, Reminder, SetOff
from billing.receivables.direct_debits import request_file
from billing.receivables.payouts import transfer_file
from billing.receivables.statements import statement
from contracts.forms.fields import DayField
from contracts.models import Provider
from contracts.rules.calendar.period import Month
from portal.organisations.access import OrganisationRequest, may_see, organisation_required
from portal.organisations.models import Organisation, User

_USUAL_MONTHS = 3


@login_required
def reminder_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """A reminder as it was issued, for its organisation and for staff who may see reminders."""
    reminder = get_object_or_404(Reminder, pk=pk)
    _check_may_see(request, reminder, "billing.view_reminder")
    return _letter(request, reminder, f"reminder-{reminder.issued_on:%Y%m%d}.pdf")


@login_required
def set_off_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """A statement of set-off as it was issued, for its organisation and for staff who may see set-offs."""
    letter = get_object_or_404(SetOff, pk=pk)
    _check_may_see(request, letter, "billing.view_setoff")
    return _letter(request, letter, f"set-off-{letter.issued_on:%Y%m%d}.pdf")


@login_required
def deposit_letter_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter about a deposit, for its organisation and for staff who may see deposits."""
    letter = get_object_or_404(DepositLetter, pk=pk)
    _check_may_see(request, letter, "billing.view_deposit")
    return _letter(request, letter, f"deposit-{letter.kind}-{letter.issued_on:%Y%m%d}.pdf")


@organisation_required
def own_statement(request: OrganisationRequest, code: str) -> HttpResponse:
    """The organisation's own statement of account with a provider that invoiced it."""
    issued_to_them = Provider.objects.filter(invoices__organisation=request.organisation).distinct()
    provider = get_object_or_404(issued_to_them, code=code)
    return _statement(request, provider, request.organisation)


@login_required
def statement_of(request: HttpRequest, code: str, organisation_pk: int) -> HttpResponse:
    """A customer's statement of account, for staff who may see invoices."""
    if not cast(User, request.user).has_perm("billing.view_invoice"):
        raise Http404
    provider = get_object_or_404(Provider, code=code)
    return _statement(request, provider, get_object_or_404(Organisation, pk=organisation_pk))


@login_required
def debit_request(request: HttpRequest, pk: int) -> HttpResponse:
    """The request file as it goes to the bank, for staff who may make one."""
    if not cast(User, request.user).has_perm("billing.change_directdebitbatch"):
        raise Http404
    batch = get_object_or_404(DirectDebitBatch, pk=pk)
    return _file(request_file(batch), f"debit-{batch.debit_on:%Y%m%d}.txt", "application/octet-stream")


@login_required
def payout_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of transfers as it goes to the bank, for staff who may make one."""
    if not cast(User, request.user).has_perm("billing.change_payoutbatch"):
        raise Http404
    batch = get_object_or_404(PayoutBatch, pk=pk)
    return _file(transfer_file(batch), f"transfers-{batch.pay_on:%Y%m%d}.txt", "application/octet-stream")


def _check_may_see(request: HttpRequest, letter: Any, permission: str) -> None:
    if not may_see(request, letter.organisation_id, permission):
        raise Http404


def _letter(request: HttpRequest, letter: Any, name: str) -> HttpResponse:
    return _pdf(kept_pdf(letter), name)


def _statement(request: HttpRequest, provider: Provider, organisation: Organisation) -> HttpResponse:
    try:
        from_day, to_day = _period(request)
    except ValueError as error:
        return render(request, "billing/statement_refused.html", {"problem": str(error)}, status=400)
    content = render_statement(statement(provider, organisation, from_day, to_day))
    return _pdf(content, f"statement-{provider.code}-{from_day:%Y%m%d}-{to_day:%Y%m%d}.pdf")


def _period(request: HttpRequest) -> tuple[date, date]:
    """The days asked for with `from` and `to`; without them this month and the two before."""
    today = localdate()
    usual = ((Month.of(today) + (1 - _USUAL_MONTHS)).first, today)
    field = DayField(required=False)
    days = []
    for name, day in zip(("from", "to"), usual, strict=True):
        written = request.GET.get(name, "")
        try:
            days.append(field.clean(written) or day)
        except ValidationError as error:
            text = _("“%(text)s” is not a day. Write it as in 2026-10-31.")
            raise ValueError(text % {"text": written}) from error
    if days[1] < days[0]:
        raise ValueError(_("The last day lies before the first."))
    return days[0], days[1]


def _pdf(content: bytes, name: str) -> HttpResponse:
    return _file(content, name, "application/pdf")


def _file(content: bytes, name: str, content_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
