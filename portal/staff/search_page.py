"""The search of the staff's site: a page of results, and the part of it that stands under the box."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from portal.search.finding import Group, find, is_enough
from portal.search.kinds import Hit
from portal.search.written import plain
from portal.staff.first_page import may_see, navigation

LONGEST_QUESTION = 100
IN_BOX, ON_PAGE = 5, 50
"""So many things of a kind are shown."""


def search(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """What somebody may see of what fits `q`, and the pages of the sidebar that are called so.

    With `part` the results alone, fewer of each kind: they are shown while somebody writes.
    """
    text = request.GET.get("q", "").strip()[:LONGEST_QUESTION]
    is_part = "part" in request.GET
    groups = _groups(request, text, IN_BOX if is_part else ON_PAGE)
    context = {
        "searched": text,
        "groups": groups,
        "count": sum(len(group.hits) for group in groups),
        "is_enough": is_enough(text),
    }
    if is_part:
        return TemplateResponse(request, "admin/search/_part.html", context)
    shown = {**admin.site.each_context(request), "title": _("Search"), **context}
    return TemplateResponse(request, "admin/search/page.html", shown)


def _groups(request: HttpRequest, text: str, most: int) -> list[Group]:
    found = find(text, request.user, partial(may_see, request), most)
    pages = list(_pages(request, plain(text))) if is_enough(text) else []
    if pages:
        found.append(Group("page", _("Pages"), pages[:most], len(pages) > most))
    return found


def _pages(request: HttpRequest, wanted: str) -> Iterator[Hit]:
    """The pages of the sidebar with what is wanted in their names."""
    for part in navigation(request):
        items: Sequence[dict[str, Any]] = part["items"]
        for item in items:
            if wanted in plain(str(item["title"])):
                yield Hit(str(item["title"]), (str(part["title"]),), str(item["link"]))
