"""The notices that were sent to a customer."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import now

from contracts.explain import explain
from contracts.models import Notice
from contracts.notice_check import first_effect
from contracts.operations.notices import mark_read
from contracts.renewals import last_answer, renewal_of
from portal.organisations.access import OrganisationRequest, organisation_required, own_or_404

ON_A_PAGE = 20


@organisation_required
def notice_list(request: OrganisationRequest) -> HttpResponse:
    notices = Notice.objects.sent_to(request.organisation).unread_by(request.user)
    page = Paginator(notices.select_related("service"), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "contracts/notice_list.html", {"page_obj": page})


@organisation_required
def notice_detail(request: OrganisationRequest, pk: int) -> HttpResponse:
    """A notice, which is read by being shown: its words, and the moment at which it became effective."""
    told = Notice.objects.filter(sent_at__isnull=False).distinct()
    notice = own_or_404(
        request,
        told.select_related("service__provider", "governing_version__service", "terms_version__service"),
        through="deliveries__organisation",
        pk=pk,
    )
    mark_read(notice, request.organisation, request.user, now())
    effect = first_effect(notice, notice.deliveries.filter(organisation=request.organisation))
    version = notice.terms_version
    return render(
        request,
        "contracts/notice_detail.html",
        {
            "notice": notice,
            "effect": effect,
            "decision": explain(effect.decision, effect.version) if effect and effect.decision else None,
            "renewal": renewal_of(version) if version else None,
            "consent": last_answer(request.organisation, version) if version else None,
        },
    )
