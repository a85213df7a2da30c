"""The staff's page of all that waits."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.extensions.waiting import Source, Wanted, WorkRow
from contracts.forms.fields import half_width
from contracts.inbox.sources import sources
from contracts.models import Service
from portal.approvals.models import Proposal
from portal.audit.exports.lists import Column, ListOut, named_list
from portal.audit.exports.pages import export_page
from portal.staff.first_page import may_see
from portal.staff.work_queue import PAGE, Choice, Queue, Waits, When, queue, whole_queue
from portal.staffing.reach import providers_of, reach_of, within
from portal.typed import whole_number

QUEUE = named_list("staff.queue", gettext_lazy("Work queue"))
FILTERS = ("q", "service", "kind", "when", "waits")


def work_queue(request: HttpRequest) -> HttpResponse:
    """What waits for staff, as far as somebody may see it; filtered by what stands in the address."""
    seen, services, choice = _asked(request)
    page = whole_number(request.GET.get("page", "")) or 1
    found = queue(seen, choice, page, localdate())
    context = {
        **admin.site.each_context(request),
        "title": _("Work queue"),
        "queue": found,
        "pages": Paginator(range(found.total), PAGE).get_page(page),
        "chosen": {name: request.GET.get(name, "") for name in FILTERS},
        "services": services,
        "kinds": [
            (source.key, source.label, found.by_kind[source.key])
            for source in seen
            if source.key in found.by_kind
        ],
        "tabs": _tabs(request, found),
        "waits": [(waits.value, waits.label, found.by_waits.get(waits.value, 0)) for waits in Waits],
        "query": _query(request),
    }
    return TemplateResponse(request, "admin/queue.html", context)


def export_queue(request: HttpRequest) -> HttpResponseBase:
    """The queue as it is filtered, all pages of it, as a file."""
    seen, _services, choice = _asked(request)
    labels = {source.key: str(source.label) for source in seen}
    count, lines = whole_queue(seen, choice, localdate())
    columns = [
        Column("when", _("By deadline"), lambda line: str(line.when.label)),
        Column("due_on", _("Due on"), lambda line: line.row.due_on),
        Column("kind", _("Kind"), lambda line: labels[line.row.kind]),
        Column("number", _("Number"), lambda line: str(line.entry.number)),
        Column("about", _("What waits"), lambda line: str(line.entry.about)),
        Column("waits", _("Waits for the customer"), lambda line: _waiting_for(line.row)),
        Column("customer", _("Customer"), lambda line: str(line.entry.customer)),
        Column("service", _("Service"), lambda line: str(line.entry.service)),
        Column("days", _("Days waiting"), lambda line: line.days),
    ]
    taken = ListOut(key=QUEUE, columns=columns, count=count, rows=lambda: lines)
    query = _query(request)
    address = reverse("work-queue")
    back = f"{address}?{query}" if query else address
    return export_page(request, taken, back, admin.site.each_context(request))


def _waiting_for(row: WorkRow) -> str:
    marks = ((Waits.DOCUMENTS, row.for_documents), (Waits.ASKED_BACK, row.asked_back))
    return _(", ").join(str(mark.label) for mark, holds in marks if holds)


def _asked(request: HttpRequest) -> tuple[list[Source], list[Service], Choice]:
    """What somebody may see of the queue: its sources, their services, and what of it is looked at."""
    seen = [source for source in sources() if source.queued and may_see(request, source.queued.model)]
    services = list(within(request.user, Service.objects.all()))
    return seen, services, _choice(request, seen, services)


def _choice(request: HttpRequest, seen: list[Source], services: list[Service]) -> Choice:
    """What is asked for; what there is not is not asked for."""
    service = request.GET.get("service", "")
    kind, when, waits = (request.GET.get(name, "") for name in ("kind", "when", "waits"))
    return Choice(
        wanted=Wanted(
            service=next((one.pk for one in services if one.slug == service), None),
            text=half_width(request.GET.get("q", ""))[:100],
            providers=providers_of(request.user),
            proposals=reach_of(request.user, Proposal),
        ),
        kind=kind if kind in {source.key for source in seen} else "",
        when=when if when in When.values else "",
        waits=waits if waits in Waits.values else "",
    )


def _tabs(request: HttpRequest, found: Queue) -> list[dict[str, Any]]:
    """The parts of the queue, with how much is in each."""
    chosen = request.GET.get("when", "")
    parts = [("", _("All"), sum(found.by_when.values()))]
    parts += [(part.value, str(part.label), found.by_when.get(part.value, 0)) for part in When]
    return [
        {
            "key": key,
            "label": label,
            "count": count,
            "current": key == chosen,
            "query": _query(request, when=key),
        }
        for key, label, count in parts
    ]


def _query(request: HttpRequest, **changed: str) -> str:
    """The address's filters, with some of them changed, from the first page on."""
    kept = {name: request.GET.get(name, "") for name in FILTERS} | changed
    return urlencode({name: value for name, value in kept.items() if value})
