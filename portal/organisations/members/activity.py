"""What the members of an organisation did: who, what, when, from the audit trail."""

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from portal.audit.books import named, tell
from portal.audit.models import AuditEntry
from portal.audit.names import Names
from portal.organisations.access import OrganisationRequest, right_required
from portal.organisations.members.history import GONE, MEMBERS
from portal.organisations.members.rights import Right
from portal.organisations.models import Organisation, User
from portal.typed import whole_number

PAGE = 50
_ONES_OWN = "application_draft."
"""What a person writes and has not sent is not told to others."""


def people_of(organisation: Organisation) -> QuerySet[User]:
    """The members of an organisation, and who was one; never the provider's staff."""
    told = AuditEntry.objects.filter(organisation=organisation, action__in=GONE)
    gone = [data.get("person") for data in told.values_list("data", flat=True)]
    own = Q(memberships__organisation=organisation) | Q(pk__in=gone)
    return User.objects.filter(own, is_staff=False).distinct().order_by("pk")


def _done_by(organisation: Organisation, people: QuerySet[User]) -> Q:
    return Q(organisation=organisation, actor__in=people.values("pk"))


def _by_the_provider(organisation: Organisation) -> Q:
    """What the provider did to members."""
    return Q(organisation=organisation, action__in=MEMBERS, actor__is_staff=True)


def entries_of(organisation: Organisation, person: User | None = None) -> QuerySet[AuditEntry]:
    """What members did for an organisation, or one of them alone, the latest first.

    With what the provider did to members, where it is asked for nobody in particular.
    """
    people = people_of(organisation)
    if person:
        found = _done_by(organisation, people.filter(pk=person.pk))
    else:
        found = _done_by(organisation, people) | _by_the_provider(organisation)
    entries = AuditEntry.objects.filter(found).exclude(action__startswith=_ONES_OWN)
    return entries.select_related("actor").order_by("-sequence")


@right_required(Right.OWN)
def activity(request: OrganisationRequest) -> HttpResponse:
    """For owners: what members did, and what the provider did to members; with `person`, of one of them."""
    people = people_of(request.organisation)
    chosen = people.filter(pk=whole_number(request.GET.get("person", "")) or 0).first()
    entries = entries_of(request.organisation, chosen)
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    shown = {
        "page_obj": page,
        "told": tell(page.object_list, Names(named)),
        "people": people,
        "chosen": chosen,
    }
    return render(request, "organisations/members/activity.html", shown)
