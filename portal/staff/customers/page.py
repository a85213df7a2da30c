"""One page for a customer: who they are, what they have, what waits, what they owe, what was said."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from contracts.customers.notes import ADD, add_note
from contracts.customers.overview import (
    LATEST,
    applications_of,
    contracts_of,
    letters_to,
    mails_to,
    notes_on,
    requests_of,
)
from contracts.extensions.panels import Slot
from contracts.extensions.registered import debts_of, marks, shown_in
from contracts.extensions.waiting import Wanted
from contracts.forms.problems import add_problems
from contracts.inbox.sources import sources
from contracts.models import Provider
from contracts.wording.formats import yen_text
from portal.approvals.models import Proposal
from portal.audit.books import named, tell
from portal.audit.models import AuditEntry
from portal.audit.names import Names, seen_by
from portal.audit.stories import readable_by, story_of
from portal.organisations.models import Membership, Organisation, User
from portal.staff.customers.forms import NoteForm
from portal.staff.first_page import may_see
from portal.staff.work_queue import Choice, Queue, queue
from portal.staffing.reach import providers_of, reach_of, within

SEES = "organisations.view_organisation"
WAITING = 8
NOTES = 20


def customer_page(request: HttpRequest, pk: int) -> HttpResponse:
    """All that somebody of the staff may know of a customer; a note is written here, too."""
    staff = cast(User, request.user)
    if not staff.has_perm(SEES):
        raise PermissionDenied
    organisation = get_object_or_404(within(staff, Organisation.objects.select_related("united_into")), pk=pk)
    form = NoteForm(staff, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            add_note(organisation, form.provider, form.cleaned_data["text"], staff, now())
        except ValidationError as problem:
            add_problems(form, problem)
        else:
            messages.success(request, _("The note is kept."))
            return redirect(f"{reverse('customer', args=[pk])}#notes")
    context = {
        **admin.site.each_context(request),
        "title": organisation.name,
        "organisation": organisation,
        "note_form": form if staff.has_perm(ADD) and not organisation.united_into_id else None,
        **_who(request, organisation),
        **_contracts(request, organisation),
        **_said(request, organisation),
        **_history(request, organisation),
    }
    return TemplateResponse(request, "admin/customers/customer.html", context)


def _who(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:
    """Who acts for the customer, and by which right."""
    members = Membership.objects.acting().filter(organisation=organisation).select_related("user")
    allowed = request.user.has_perm("organisations.view_membership")
    return {"members": list(members) if allowed else []}


def _contracts(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:
    staff = cast(User, request.user)
    found = contracts_of(organisation, staff, now()) if may_see(request, "contracts.contract") else None
    rows = found.rows if found else []
    return {
        "contracts": found,
        "marks": marks([row.contract for row in rows]),
        "contracts_url": _list_url("contracts_contract", organisation),
        "waiting": _waiting(request, organisation),
        "queue_url": f"{reverse('work-queue')}?{urlencode({'q': organisation.name})}",
        "money": (money := shown_in(Slot.CUSTOMER_MONEY, organisation, staff)),
        "owed": [] if money else _debts(request, organisation),
        "invoices": shown_in(Slot.CUSTOMER_INVOICES, organisation, staff),
    }


def _waiting(request: HttpRequest, organisation: Organisation) -> Queue:
    """The lines of the queue that are about the customer."""
    seen = [
        source
        for source in sources()
        if source.queued and not source.queued.of_services and may_see(request, source.queued.model)
    ]
    wanted = Wanted(
        customer=organisation.pk,
        providers=providers_of(request.user),
        proposals=reach_of(request.user, Proposal),
    )
    return queue(seen, Choice(wanted=wanted), 1, localdate())


@dataclass(frozen=True)
class Owed:
    """What is owed to a provider, as who may not open invoices sees it."""

    provider: str
    open: str
    overdue: str
    since: Any


def _debts(request: HttpRequest, organisation: Organisation) -> list[Owed]:
    """The sums that decisions ask for, for those who decide on what customers ask for."""
    if not may_see(request, "contracts.application"):
        return []
    return list(_owed(cast(User, request.user), organisation))


def _owed(staff: User, organisation: Organisation) -> Iterator[Owed]:
    for provider in within(staff, Provider.objects.all()):
        debts = debts_of(organisation, provider, localdate())
        if debts.open:
            overdue = yen_text(debts.overdue) if debts.overdue else ""
            yield Owed(provider.name, yen_text(debts.open), overdue, debts.oldest_due_on)


def _said(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:
    """Requests, applications, letters, e-mails and notes: the latest, with the lists behind them."""
    staff = cast(User, request.user)

    def latest(model: str, found: Any, count: int = LATEST) -> list[Any]:
        return list(found(organisation, staff)[:count]) if may_see(request, model) else []

    return {
        "applications": latest("contracts.application", applications_of),
        "applications_url": _list_url("contracts_application", organisation),
        "requests": latest("contracts.contractrequest", requests_of),
        "requests_url": _list_url("contracts_contractrequest", organisation, "contract__organisation"),
        "letters": latest("contracts.issuedletter", letters_to),
        "letters_url": _list_url("contracts_issuedletter", organisation),
        "money_letters": shown_in(Slot.CUSTOMER_LETTERS, organisation, staff),
        "mails": latest("outbox.mail", mails_to),
        "mails_url": _list_url("outbox_mail", organisation),
        "notes": latest("contracts.customernote", notes_on, NOTES),
        "notes_url": _list_url("contracts_customernote", organisation),
    }


def _history(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:
    entries = AuditEntry.objects.filter(story_of(organisation), readable_by(request))
    latest = list(entries.select_related("actor").order_by("-sequence")[:LATEST])
    return {
        "told": tell(latest, Names(named, seen_by(request))),
        "history_url": reverse("admin:organisations_organisation_history", args=[organisation.pk]),
    }


def _list_url(name: str, organisation: Organisation, by: str = "organisation") -> str:
    address = reverse(f"admin:{name}_changelist")
    return f"{address}?{urlencode({f'{by}__id__exact': organisation.pk})}"
