"""Questions of customers to providers: the list, a new one, and what was written."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from contracts.extensions.subjects import About
from contracts.forms.fields import DayField
from contracts.forms.problems import add_problems
from contracts.inquiries.forms import InquiryForm, MessageForm
from contracts.inquiries.operations import ask, close, write_again
from contracts.inquiries.subjects import about_of, seen_by, short
from contracts.models import Inquiry, Provider
from portal.organisations.access import OrganisationRequest, organisation_required, own_or_404

ON_A_PAGE = 20


@organisation_required
def inquiry_list(request: OrganisationRequest) -> HttpResponse:
    page = Paginator(_shown(request), ON_A_PAGE).get_page(request.GET.get("page"))
    rows = [(inquiry, short(inquiry)) for inquiry in page]
    return render(request, "contracts/inquiries/list.html", {"page_obj": page, "rows": rows})


@organisation_required
def inquiry_new(request: OrganisationRequest) -> HttpResponse:
    """Ask something; what the address names by `about` and `day` goes along."""
    named = request.POST.get("about") or request.GET.get("about", "")
    kind, _colon, number = named.partition(":")
    about = seen_by(request.membership, kind, number) if number else None
    sent = request.POST if request.method == "POST" else None
    form = InquiryForm(request.membership, named, about, sent, initial={"day": request.GET.get("day")})
    if request.method == "POST" and form.is_valid():
        try:
            inquiry = ask(request.user, request.organisation, form.question, form.sent_as, now())
        except ValidationError as error:
            add_problems(form, error)
        else:
            messages.success(request, _("Your inquiry was sent. The answer will come here, and by e-mail."))
            return redirect("contracts:inquiry", inquiry.number)
    day = _day(form)
    shown = {"form": form, "about": about, "day": day, "contacts": _contacts(request, about)}
    return render(request, "contracts/inquiries/new.html", shown)


def _day(form: InquiryForm) -> object:
    try:
        return DayField(required=False).clean(form["day"].value())
    except ValidationError:
        return None


def _contacts(request: OrganisationRequest, about: About | None) -> list[object]:
    """How the provider is reached otherwise; where none is named yet, each that the customer has."""
    if about:
        return [about.provider.on(localdate())]
    known = Provider.objects.filter(services__contracts__organisation=request.organisation)
    limited = request.membership.seen_of(known, "services__contracts")
    return [one.on(localdate()) for one in limited.distinct().prefetch_related("particulars")]


@organisation_required
def inquiry(request: OrganisationRequest, number: str) -> HttpResponse:
    """What was asked and answered; something is written further here, and the inquiry is closed."""
    found = own_or_404(
        request,
        _shown(request).select_related("provider", "contract__service").prefetch_related("messages__by"),
        contract="contract",
        number=number,
    )
    form = MessageForm(request.POST if request.POST.get("action") == "write" else None)
    if request.method == "POST":
        try:
            if _carried_out(request, found, form):
                return redirect("contracts:inquiry", number)
        except ValidationError as error:
            add_problems(form, error)
    about = about_of(found)
    return render(
        request,
        "contracts/inquiries/detail.html",
        {
            "inquiry": found,
            "about": about,
            "about_label": about.label if about else short(found),
            "form": form,
            "stated": found.provider.on(localdate()),
        },
    )


def _carried_out(request: OrganisationRequest, found: Inquiry, form: MessageForm) -> bool:
    if request.POST.get("action") == "close":
        close(found, request.user, now())
        messages.success(request, _("The inquiry is closed. Thank you."))
        return True
    if not form.is_valid():
        return False
    write_again(found, request.user, form.cleaned_data["text"], now())
    messages.success(request, _("Thank you. What you wrote was sent."))
    return True


def _shown(request: OrganisationRequest) -> QuerySet[Inquiry]:
    """The inquiries of the organisation whose contract the member sees."""
    own = Inquiry.objects.filter(organisation__in=request.organisation.as_one())
    return request.membership.seen_of(own, "contract")
