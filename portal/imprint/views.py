"""The operator's texts, for everybody: as they hold today, and their earlier and coming versions."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate

from portal.imprint.models import PublishedText


def text(request: HttpRequest, kind: str, version: int | None = None) -> HttpResponse:
    versions = PublishedText.objects.of(kind)
    in_force = PublishedText.objects.in_force(kind, localdate())
    shown = get_object_or_404(versions, version=version) if version else in_force
    if shown is None:
        raise Http404
    return render(
        request,
        "imprint/text.html",
        {"text": shown, "in_force": in_force, "versions": versions.defer("text_ja", "text_en")},
    )
