"""Addresses for machines that watch: balancers, alarms, Prometheus. Texts are English, as for operators."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from portal.installation.health import started_at, troubles
from portal.installation.readiness import findings
from portal.watching.guard import for_watchers
from portal.watching.metrics import exposition
from portal.watching.waiting import waiting

UNAVAILABLE = 503


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """That this process answers; a process that does not is to be started anew."""
    return JsonResponse({"live": True})


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Whether pages can be served here: 503 says to send nobody until they can."""
    found = findings()
    is_ready = not any(one.wrong for one in found)
    said = {"ready": is_ready, "parts": {one.part: one.wrong or "ok" for one in found}}
    return JsonResponse(said, status=200 if is_ready else UNAVAILABLE)


@never_cache
@require_safe
@for_watchers
def status(request: HttpRequest) -> HttpResponse:
    """Whether somebody must look: 503 is for an alarm, and no reason to send nobody here."""
    with override("en"):
        wrong = [
            {"text": one.text, "advice": f"{one.advice} {one.command}".strip()}
            for one in troubles(started_at())
        ]
    work = waiting()
    said = {
        "ok": not wrong and not any(one.too_long for one in work),
        "troubles": wrong,
        "waiting": {
            one.kind: {"count": one.count, "oldest_seconds": int(one.oldest.total_seconds())} for one in work
        },
    }
    return JsonResponse(said, status=200 if said["ok"] else UNAVAILABLE)


@never_cache
@require_safe
@for_watchers
def metrics(request: HttpRequest) -> HttpResponse:
    """What Prometheus reads."""
    return HttpResponse(exposition(waiting()), content_type=CONTENT_TYPE_LATEST)
