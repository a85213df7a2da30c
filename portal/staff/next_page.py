"""On from one thing to the next that waits."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from contracts.extensions.waiting import Wanted
from contracts.inbox.sources import sources
from portal.approvals.models import Proposal
from portal.staff.first_page import may_see
from portal.staff.work_queue import Choice, Queue, queue
from portal.staffing.reach import providers_of, reach_of

DECIDED = {"application": "application", "contractrequest": "request"}
"""The parts of the queue that hold what is decided on, by the names of its models."""


def next_waiting(request: HttpRequest) -> HttpResponse:
    """Lead to what waits first, of the kind of what was decided (`after`: `application-12`) if it can be."""
    model, _sign, key = request.GET.get("after", "").partition("-")
    for kind in dict.fromkeys((DECIDED.get(model, ""), "")):
        for line in _waiting(request, kind).lines:
            if (line.row.kind, str(line.row.pk)) != (DECIDED.get(model), key):
                return redirect(line.entry.url)
    messages.info(request, _("Nothing else waits."))
    return redirect("work-queue")


def _waiting(request: HttpRequest, kind: str) -> Queue:
    seen = [source for source in sources() if source.queued and may_see(request, source.queued.model)]
    wanted = Wanted(providers=providers_of(request.user), proposals=reach_of(request.user, Proposal))
    return queue(seen, Choice(wanted=wanted, kind=kind), 1, localdate())
