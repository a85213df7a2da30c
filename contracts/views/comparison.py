"""Two versions of the terms side by side (新旧対照表), on the page and as files. Public."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate

from contracts.comparison.page import html_table, pdf
from contracts.comparison.spreadsheets import as_csv, as_xlsx
from contracts.comparison.table import ComparisonTable, NewOn, Side
from contracts.forms.comparison import CompareForm
from contracts.models import Service, TermsVersion
from contracts.rules.policy.governing import version_on


class Download(NamedTuple):
    content_type: str
    write: Callable[[ComparisonTable], bytes]


DOWNLOADS = {
    "pdf": Download("application/pdf", pdf),
    "csv": Download("text/csv; charset=utf-8", as_csv),
    "xlsx": Download("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
}


def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """Compare two published versions; without a choice, the one in force with the one before it.

    The query holds `old` and `new` (names), `new_on` (left, right) and `format` (pdf, csv, xlsx).
    """
    service = get_object_or_404(Service.objects.select_related("provider"), slug=slug)
    versions = list(service.versions.published().order_by("-effective_on"))
    if len(versions) < 2:
        return render(request, "contracts/terms_compare.html", {"service": service})
    form = CompareForm(versions, request.GET, _defaults(versions, localdate()))
    if not form.is_valid():
        return render(request, "contracts/terms_compare.html", {"service": service, "form": form}, status=400)
    old, new = form.sides
    table = comparison(old, new, form.cleaned_data["new_on"])
    wanted = request.GET.get("format", "")
    if wanted in DOWNLOADS:
        return _file(table, DOWNLOADS[wanted], f"{slug}-{old.name}-{new.name}.{wanted}")
    return render(
        request,
        "contracts/terms_compare.html",
        {
            "service": service,
            "form": form,
            "old": old,
            "new": new,
            "table": html_table(table),
            "changed": bool(table.rows),
            "downloads": DOWNLOADS,
        },
    )


def comparison(old: TermsVersion, new: TermsVersion, new_on: str = "left") -> ComparisonTable:
    """The table of two versions; `new_on` is the side of the new one, `left` or `right`."""
    side: NewOn = "right" if new_on == "right" else "left"
    return ComparisonTable.of(Side(old.terms, old.name), Side(new.terms, new.name), side)


def _defaults(versions: Sequence[TermsVersion], today: date) -> dict[str, str]:
    """The newest that is in force and the one before; what is only announced where nothing else can be."""
    place = versions.index(version_on(versions, today) or versions[-1])
    place = min(place, len(versions) - 2)
    return {"new": versions[place].name, "old": versions[place + 1].name, "new_on": "left"}


def _file(table: ComparisonTable, download: Download, name: str) -> HttpResponse:
    reply = HttpResponse(download.write(table), content_type=download.content_type)
    reply.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return reply
