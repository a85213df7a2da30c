"""The notices that were sent to a customer, and those that are posted for everybody."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate, now

from contracts.consents.renewals import concerned_of, last_answer, renewal_of
from contracts.models import Notice, Service
from contracts.notices.check import first_effect
from contracts.notices.public import public_notices
from contracts.notices.send import mark_read
from contracts.wording.explain import explain
from contracts.wording.links import comparison_url
from portal.organisations.access import OrganisationRequest, organisation_required, own_or_404
from portal.staffing.viewing import view_of

ON_A_PAGE = 20


@organisation_required
def notice_list(request: OrganisationRequest) -> HttpResponse:
    notices = Notice.objects.shown_to(request.membership).unread_by(request.user)
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
        contract="service__contracts",
        pk=pk,
    )
    if view_of(request) is None:
        mark_read(notice, request.organisation, request.user, now())
    effect = first_effect(notice, notice.deliveries.filter(organisation=request.organisation))
    version, today = notice.terms_version, localdate()
    renewal = renewal_of(version) if version else None
    return render(
        request,
        "contracts/notice_detail.html",
        {
            "notice": notice,
            "effect": effect,
            "decision": explain(effect.decision, effect.version) if effect and effect.decision else None,
            "version": version,
            "renewal": renewal,
            "comparison_url": comparison_url(version, renewal.previous) if version and renewal else "",
            "contracts": concerned_of(request.membership, version, today) if version else (),
            "still_asks": renewal is not None and renewal.rule.rule == "asked" and today <= renewal.last_day,
            "consent": last_answer(request.organisation, version) if version else None,
        },
    )


def public_list(request: HttpRequest) -> HttpResponse:
    """What is posted on the site for everybody; with `service`, of one service."""
    notices, slug = public_notices(), request.GET.get("service", "")
    service = get_object_or_404(Service, slug=slug) if slug else None
    if service:
        notices = notices.filter(service=service)
    page = Paginator(notices.select_related("service"), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "contracts/public_notice_list.html", {"page_obj": page, "service": service})


def public_detail(request: HttpRequest, pk: int) -> HttpResponse:
    notice = get_object_or_404(public_notices().select_related("service__provider"), pk=pk)
    return render(request, "contracts/public_notice_detail.html", {"notice": notice})
