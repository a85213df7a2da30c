"""Staff's pages of tables: which kinds there are, one brought in, and what becomes of its rows."""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.http import content_disposition_header
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.organisations.models import User
from portal.staffing.reach import within
from portal.tables_in.bringing import MovedError, hand_out, show_again, show_table, take_in, taken_before
from portal.tables_in.files import FORMATS, template_of
from portal.tables_in.forms import TableForm, providers_for
from portal.tables_in.kinds import Desk, Outcome, TableKind, elsewhere_for, kind_named, kinds_for
from portal.tables_in.models import TableImport
from portal.typed import whole_number

PAGE = 50
_LATEST = 20


def tables(request: HttpRequest) -> HttpResponse:
    """The kinds of tables that somebody may bring in, and what was brought in last."""
    offered, elsewhere = kinds_for(request.user), elsewhere_for(request.user)
    if not offered and not elsewhere:
        raise PermissionDenied
    return _page(
        request,
        "kinds",
        _("Tables in"),
        kinds=offered,
        elsewhere=elsewhere,
        formats=list(FORMATS),
        latest=_latest(request, offered),
    )


def table(request: HttpRequest, kind: str) -> HttpResponse:
    """What a kind of table holds; a file is tried out here."""
    chosen = _kind(request, kind)
    form = TableForm(request.user, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        staff, provider = cast(User, request.user), form.cleaned_data["provider"]
        try:
            shown = show_table(chosen, provider, file.name, file.read(), staff, now())
        except ValidationError as error:
            form.add_error("file", error.messages)
        else:
            return redirect("table-import", shown.pk)
    return _page(
        request,
        "kind",
        chosen.label,
        kind=chosen,
        form=form,
        formats=list(FORMATS),
        latest=_latest(request, [chosen]),
        providers=list(providers_for(request.user))[: None if chosen.of_provider else 1],
    )


def table_import(request: HttpRequest, pk: int) -> HttpResponse:
    """What becomes of the rows of a table; it is taken in here."""
    imports = within(request.user, TableImport.objects.select_related("provider", "brought_by"))
    shown = get_object_or_404(imports, pk=pk)
    chosen = _kind(request, shown.kind)
    if request.method == "POST":
        return _taken_in(request, shown)
    outcome = request.GET.get("outcome", "")
    rows = [row for row in shown.rows if not outcome or row["outcome"] == outcome]
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    labels = dict(Outcome.choices)
    for row in page.object_list:
        row["label"] = labels[row["outcome"]]
    counts = [("", _("All"), shown.new + shown.changed + shown.unchanged + shown.refused)]
    counts += [(one.value, str(one.label), getattr(shown, one.value)) for one in Outcome]
    return _page(
        request,
        "import",
        chosen.label,
        kind=chosen,
        shown=shown,
        counts=counts,
        chosen=outcome,
        rows=page,
        before=taken_before(shown) if shown.waits else None,
        is_own=shown.brought_by_id == request.user.pk,
    )


def _taken_in(request: HttpRequest, shown: TableImport) -> HttpResponse:
    staff = cast(User, request.user)
    try:
        taken = take_in(shown, staff, request.POST.get("seen", ""), now())
    except MovedError:
        _moved(request, shown, staff)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        text = ngettext("%(count)s row was taken in.", "%(count)s rows were taken in.", taken.effective)
        if taken.proposed:
            text = _("%(count)s rows were taken in; what was proposed waits for a second person.")
        messages.success(request, text % {"count": f"{taken.effective:,}"})
    return redirect("table-import", shown.pk)


def _moved(request: HttpRequest, shown: TableImport, staff: User) -> None:
    try:
        show_again(shown, staff, now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.warning(
            request,
            _(
                "Meanwhile something was changed that this table is about. Nothing was taken in; this is what"
                " would become of it now."
            ),
        )


def template(request: HttpRequest, kind: str, file_format: str) -> HttpResponse:
    """A file to fill in."""
    chosen = _kind(request, kind)
    _ensure_format(file_format)
    return _file(template_of(chosen, file_format), f"{chosen.label}_{_('template')}", file_format)


def export(request: HttpRequest, kind: str, file_format: str) -> HttpResponse:
    """All that is stored of a provider, as a table that could be brought in again."""
    chosen, staff = _kind(request, kind), cast(User, request.user)
    _ensure_format(file_format)
    wanted = whole_number(request.GET.get("provider", ""))
    provider = get_object_or_404(providers_for(staff), pk=wanted)
    content = hand_out(chosen, Desk(staff, provider, now()), file_format)
    return _file(content, f"{chosen.label}_{localdate():%Y%m%d}", file_format)


def _kind(request: HttpRequest, key: str) -> TableKind:
    found = kind_named(key)
    if found is None:
        raise Http404
    if not cast(User, request.user).has_perm(found.right):
        raise PermissionDenied
    return found


def _ensure_format(file_format: str) -> None:
    if file_format not in FORMATS:
        raise Http404


@dataclass(frozen=True)
class Latest:
    """A table that was taken in, with the name of its kind."""

    label: Any
    table: TableImport


def _latest(request: HttpRequest, offered: list[TableKind]) -> list[Latest]:
    labels = {kind.key: kind.label for kind in offered}
    found = within(request.user, TableImport.objects.filter(kind__in=labels, taken_at__isnull=False))
    found = found.select_related("brought_by").defer("rows").order_by("-taken_at")[:_LATEST]
    return [Latest(labels[one.kind], one) for one in found]


def _page(request: HttpRequest, name: str, title: Any, **shown: Any) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": title, **shown}
    return TemplateResponse(request, f"admin/tables_in/{name}.html", context)


def _file(content: bytes, name: str, file_format: str) -> HttpResponse:
    response = HttpResponse(content, content_type=FORMATS[file_format].content_type)
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.{file_format}")
    return response
