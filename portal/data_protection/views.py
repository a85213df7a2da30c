"""What somebody can do about the data that are held about them, and about their organisation."""

from typing import Any, cast

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contracts.models import Provider
from portal.data_protection.copies.asking import ask_for_copy, fetch_copy, is_own, may_fetch
from portal.data_protection.models import DataCopy
from portal.data_protection.tasks import make_soon
from portal.organisations.access import acting_organisation
from portal.organisations.models import Organisation, User
from portal.retention.kinds import KINDS, Kind, Scope
from portal.retention.models import days_kept

_ZIP = "application/zip"


@login_required
@reauthentication_required(allow_get=True, app="allauth.account")
def own_data(request: HttpRequest) -> HttpResponse:
    """Say what is kept how long, and have a copy made of what is held about oneself or one's organisation.

    Who asks for one gives the password again: it holds everything.
    """
    person, organisation = cast(User, request.user), acting_organisation(request)
    owned = organisation if organisation and is_own(organisation, person) else None
    if request.method == "POST":
        subject = _chosen(request.POST.get("about", ""), person, owned)
        copy = ask_for_copy(subject, person, now())
        transaction.on_commit(lambda: make_soon(copy))
        return redirect("data_protection:copy", copy.pk)
    standing = DataCopy.objects.filter(removed_at__isnull=True)
    context = {
        "own": standing.filter(person=person),
        "owned": owned,
        "of_organisation": standing.filter(organisation=owned) if owned else (),
        "kinds": [(kind, _how_long(kind)) for kind in KINDS if kind.key != "technical"],
    }
    return render(request, "data_protection/own_data.html", context)


def _how_long(kind: Kind) -> str:
    """For how many days a kind is kept, where that is set; by each provider where they differ."""
    if not kind.is_set:
        return ""
    if kind.scope == Scope.ALL_PROVIDERS:
        return _("%(days)s days") % {"days": days_kept("", kind.key)}
    codes = Provider.objects.values_list("code", flat=True)
    days = sorted({days_kept(code, kind.key) for code in codes})
    return _("%(days)s days, by provider") % {"days": "・".join(map(str, days))}


def _chosen(about: str, person: User, owned: Organisation | None) -> User | Organisation:
    subjects: dict[str, Any] = {"person": person, "organisation": owned}
    if subject := subjects.get(about):
        return cast("User | Organisation", subject)
    raise Http404


@login_required
def copy_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a copy is, which loads itself again, and then the way to its file."""
    copy = _own(request, pk)
    steps = [pgettext("a copy of what is held", "Asked for"), _("Being made"), _("Ready")]
    current = min(list(DataCopy.State).index(copy.state) + 1, len(steps))
    return render(request, "data_protection/copy.html", {"copy": copy, "steps": steps, "current": current})


@login_required
def copy_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of a copy, as long as it is there."""
    copy = _own(request, pk)
    try:
        content = fetch_copy(copy, cast(User, request.user))
    except ValidationError:
        return redirect("data_protection:copy", copy.pk)
    headers = {"Content-Disposition": f'attachment; filename="data-{copy.pk}.zip"'}
    return HttpResponse(content, content_type=_ZIP, headers=headers)


def _own(request: HttpRequest, pk: int) -> DataCopy:
    copy = get_object_or_404(DataCopy.objects.select_related("person", "organisation"), pk=pk)
    if not may_fetch(copy, cast(User, request.user)):
        raise Http404
    return copy
