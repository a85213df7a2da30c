"""The services on offer. Public: everybody may read what a service is and under which terms it runs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.timezone import localdate

from contracts.models import Service, TermsVersion
from contracts.wording.local_text import localised
from contracts.wording.opening_hours import shown_hours


def service_list(request: HttpRequest) -> HttpResponse:
    services = Service.objects.select_related("provider").prefetch_related("provider__particulars")
    return render(request, "contracts/service_list.html", {"services": services})


def service_detail(request: HttpRequest, slug: str) -> HttpResponse:
    service = get_object_or_404(Service.objects.select_related("provider"), slug=slug)
    version = TermsVersion.objects.in_force(service, localdate())
    disclosures = version.policy.disclosures if version else ()
    return render(
        request,
        "contracts/service_detail.html",
        {
            "service": service,
            "version": version,
            "announced": TermsVersion.objects.announced(service, localdate()),
            "hours": list(shown_hours(version, timezone.now())) if version else (),
            "disclosures": [(localised(disclosure.text), disclosure) for disclosure in disclosures],
        },
    )
