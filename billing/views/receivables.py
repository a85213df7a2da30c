"""Files about what is owed: letters, statements of account, requests for direct debits."""

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from billing.correspondence.letter_pdfs import AnyLetter, kept_pdf
from billing.models import (
    DepositLetter,
    DirectDebitBatch,
    Invoice,
    PayoutBatch,
    Reminder,
    SetOff,
    StatementOfAccount,
)
from billing.receivables.direct_debits import request_file
from billing.receivables.payouts import transfer_file
from billing.runs.progress import PATIENCE
from billing.statements.asking import ask_for_statement, ensure_listable
from billing.statements.form import StatementForm
from billing.statements.lists import statement_out
from billing.tasks import draw_soon
from contracts.models import Provider
from contracts.views.exports import format_of
from portal.audit.exports.lists import take_out
from portal.kept_files import read_checked
from portal.organisations.access import OrganisationRequest, may_see, right_required
from portal.organisations.members.rights import Right
from portal.organisations.models import Organisation, User
from portal.staffing.reach import within


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
    _check_may_see(request, letter, "billing.view_deposit", letter.deposit.contract_id)
    return _letter(request, letter, f"deposit-{letter.kind}-{letter.issued_on:%Y%m%d}.pdf")


@right_required(Right.BILLING, whole=True)
def own_statement(request: OrganisationRequest, code: str) -> HttpResponse:
    """Ask for the organisation's own statement of account with a provider that invoiced it."""
    return _statement(request, _own_provider(request, code), request.organisation)


@right_required(Right.BILLING, whole=True)
@require_POST
def export_own_statement(request: OrganisationRequest, code: str) -> HttpResponseBase:
    """The lines of the organisation's own statement of account as a spreadsheet."""
    return _exported(request, _own_provider(request, code), request.organisation)


def _own_provider(request: OrganisationRequest, code: str) -> Provider:
    """A provider that invoiced the request's organisation; otherwise Http404."""
    issued_to_them = Provider.issuers.filter(pk__in=Invoice.objects.issuers_to(request.organisation))
    return get_object_or_404(issued_to_them, code=code)


@login_required
def statement_of(request: HttpRequest, code: str, organisation_pk: int) -> HttpResponse:
    """Ask for a customer's statement of account, for staff who see invoices and may have statements made."""
    provider, customer = _seen_by_staff(request, code, organisation_pk)
    if request.method == "POST" and not request.user.has_perm("billing.add_statementofaccount"):
        raise PermissionDenied
    return _statement(request, provider, customer)


@login_required
@require_POST
def export_statement_of(request: HttpRequest, code: str, organisation_pk: int) -> HttpResponseBase:
    """The lines of a customer's statement of account as a spreadsheet, for staff who see invoices."""
    return _exported(request, *_seen_by_staff(request, code, organisation_pk))


def _seen_by_staff(request: HttpRequest, code: str, organisation_pk: int) -> tuple[Provider, Organisation]:
    provider = get_object_or_404(Provider, code=code)
    if not cast(User, request.user).has_perm("billing.view_invoice", provider):
        raise Http404
    customers = within(request.user, Organisation.objects.all())
    return provider, get_object_or_404(customers, pk=organisation_pk)


@login_required
def statement_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a statement of account is, which loads itself again, and then the way to its file."""
    asked = _asked(request, pk)
    return render(
        request,
        "billing/statement.html",
        {
            "asked": asked,
            "provider": asked.provider.on(localdate()),
            "steps": [pgettext("a statement of account", "Asked for"), _("Being made"), _("Ready")],
            "current": list(StatementOfAccount.State).index(asked.state) + 1,
            "takes_long": not asked.drawn_at and now() - asked.asked_at > PATIENCE,
        },
    )


@login_required
def statement_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """A statement of account as it was drawn, for its organisation and for staff who may see invoices."""
    asked = _asked(request, pk)
    if not asked.drawn_at:
        return redirect("billing:invoice-statement-progress", pk)
    days = f"{asked.from_day:%Y%m%d}-{asked.to_day:%Y%m%d}"
    content = read_checked(str(asked.pdf), asked.pdf_hash)
    return _pdf(content, f"statement-{asked.provider.code}-{days}.pdf")


@login_required
def debit_request(request: HttpRequest, pk: int) -> HttpResponse:
    """The request file as it goes to the bank, for staff who may make one."""
    batch = get_object_or_404(DirectDebitBatch, pk=pk)
    if not cast(User, request.user).has_perm("billing.change_directdebitbatch", batch):
        raise Http404
    return _file(request_file(batch), f"debit-{batch.debit_on:%Y%m%d}.txt", "application/octet-stream")


@login_required
def payout_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of transfers as it goes to the bank, for staff who may make one."""
    batch = get_object_or_404(PayoutBatch, pk=pk)
    if not cast(User, request.user).has_perm("billing.change_payoutbatch", batch):
        raise Http404
    return _file(transfer_file(batch), f"transfers-{batch.pay_on:%Y%m%d}.txt", "application/octet-stream")


def _check_may_see(
    request: HttpRequest, letter: Any, permission: str, contract_id: int | None = None
) -> None:
    if not may_see(request, letter.organisation_id, permission, letter, contract_id):
        raise Http404


def _letter(request: HttpRequest, letter: AnyLetter, name: str) -> HttpResponse:
    content = kept_pdf(letter)
    if content is None:
        return render(request, "billing/letter_being_drawn.html", status=404)
    return _pdf(content, name)


def _statement(request: HttpRequest, provider: Provider, organisation: Organisation) -> HttpResponse:
    """Ask of which days, and have that statement drawn; its own page says when it is ready."""
    form = StatementForm(request.POST if request.method == "POST" else request.GET, localdate())
    if form.is_valid() and request.method == "POST":
        days = form.cleaned_data
        try:
            asked = ask_for_statement(
                provider, organisation, days["from"], days["to"], cast(User, request.user)
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            draw_soon(asked)
            return redirect("billing:invoice-statement-progress", asked.pk)
    return _statement_form(request, form, provider, organisation)


def _exported(request: HttpRequest, provider: Provider, organisation: Organisation) -> HttpResponseBase:
    """The lines of a statement of the days that were typed; the form again where they can't be."""
    form = StatementForm(request.POST, localdate())
    if form.is_valid():
        days = form.cleaned_data
        try:
            ensure_listable(provider, organisation, days["from"], days["to"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            taken = statement_out(provider, organisation, days["from"], days["to"])
            chosen = {"provider": provider.code, "from": str(days["from"]), "to": str(days["to"])}
            person = cast(User, request.user)
            return take_out(taken, format_of(request), person, about=organisation, chosen=chosen)
    return _statement_form(request, form, provider, organisation)


def _statement_form(
    request: HttpRequest, form: StatementForm, provider: Provider, organisation: Organisation
) -> HttpResponse:
    as_staff = not hasattr(request, "membership")
    context = {
        "form": form,
        "provider": provider,
        "organisation": organisation,
        "form_url": _address("", provider, organisation, as_staff),
        "export_url": _address("-export", provider, organisation, as_staff),
    }
    return render(request, "billing/statement_new.html", context, status=200 if form.is_valid() else 400)


def _address(page: str, provider: Provider, organisation: Organisation, as_staff: bool) -> str:
    """Where a statement is asked for, or with `-export` its lines, by who asks."""
    if as_staff:
        return reverse(f"billing:statement-of{page}", args=[provider.code, organisation.pk])
    return reverse(f"billing:invoice-statement{page}", args=[provider.code])


def _asked(request: HttpRequest, pk: int) -> StatementOfAccount:
    asked = get_object_or_404(StatementOfAccount.objects.select_related("provider", "organisation"), pk=pk)
    _check_may_see(request, asked, "billing.view_invoice")
    return asked


def _pdf(content: bytes, name: str) -> HttpResponse:
    return _file(content, name, "application/pdf")


def _file(content: bytes, name: str, content_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
