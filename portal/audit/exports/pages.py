"""The page of the staff's site on which a list is taken out, and what leads there."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse

from portal.audit.exports.form import ExportForm
from portal.audit.exports.lists import ListOut, take_out
from portal.formats.spreadsheets import Format


def export_page(
    request: HttpRequest, taken: ListOut, back: str, context: dict[str, Any], about: Model | None = None
) -> HttpResponseBase:
    """Ask for columns and format of a list that the request's person may see, or hand it out.

    `back` is where the list stands, filtered as it is; the address of the request holds the same filters.
    """
    form = ExportForm(taken, request.POST or None)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        person: Any = request.user
        try:
            return take_out(
                taken,
                Format(wanted["format"]),
                person,
                about=about,
                columns=wanted["columns"],
                chosen=request.GET.dict(),
            )
        except ValidationError as error:
            form.add_error("format", error)
    shown = {**context, "title": taken.title, "taken": taken, "form": form, "back": back}
    page: HttpResponse = TemplateResponse(request, "admin/export.html", shown)
    return page
