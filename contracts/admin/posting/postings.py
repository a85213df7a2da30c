"""Print files for envelopes: made, downloaded, recorded as posted, printed again, discarded."""

from collections.abc import Collection, Iterator
from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.timezone import localdate, now
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget

from contracts.admin.files import download
from contracts.admin.forms import ConfirmForm
from contracts.admin.html import lines, link, target_link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action, run_list_action
from contracts.forms.fields import DayField
from contracts.models import Posting, Provider
from contracts.posting.making import all_seen_by, discard, make_posting, mark_posted, print_again, waiting_for
from contracts.rules.calendar.period import Month
from contracts.tasks import draw_soon
from contracts.wording.formats import day_text, month_text
from portal.kept_files import DamagedFileError, read_checked
from portal.organisations.models import User
from portal.outbox.kinds import kind_of
from portal.staffing.reach import within

State = Posting.State
COLOURS = {
    State.WAITING: "info",
    State.READY: "warning",
    State.POSTED: "success",
    State.DISCARDED: "default",
}
MONTHS = 13
SHOWN = 300
"""So many of the things in a file are listed on its page; the file has all."""


class MakingForm(forms.Form):
    """Of what a print file is made."""

    provider = forms.ModelChoiceField(
        Provider.objects.all(), label=_("Provider"), widget=UnfoldAdminSelectWidget, empty_label=None
    )
    what = forms.ChoiceField(
        label=_("What is printed"),
        choices=Posting.What.choices,
        initial=Posting.What.ALL,
        widget=UnfoldAdminRadioSelectWidget,
    )
    month = forms.ChoiceField(
        label=_("Month in which it was written"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("All that waits, where none is chosen."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        this = Month.of(localdate())
        months = [this + -back for back in range(MONTHS)]
        offered = [("", "—"), *((str(month), month_text(month)) for month in months)]
        cast(forms.ChoiceField, self.fields["month"]).choices = offered


class PostedForm(forms.Form):
    on = DayField(label=_("Posted on"), widget=UnfoldAdminSingleDateWidget, initial=localdate)


@admin.register(Posting)
class PostingAdmin(ReadOnlyAdmin):
    list_display = (
        "shown_number",
        "provider",
        "what",
        "shown_month",
        "envelopes",
        "pages",
        "shown_state",
        "made_at",
        "posted_on",
    )
    list_filter = ("provider", "what")
    list_select_related = ("provider", "reprint_of")
    list_prefetch_related = ("provider__particulars",)
    fields = (
        "shown_number",
        "shown_status",
        "provider",
        "what",
        "shown_month",
        "envelopes",
        "pages",
        "shown_file",
        "shown_reprints",
        "made_at",
        "made_by",
        "trouble",
        "posted_on",
        "posted_by",
        "posted_at",
        "shown_contents",
    )
    actions_list = ("make",)
    actions_detail = ("mark_posted", "print_again", "discard")

    def get_urls(self) -> list[URLPattern]:
        own = path("<int:pk>/file/", self.admin_site.admin_view(self.file), name="contracts_posting_file")
        return [own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Posting]:
        """Those of which somebody may see all that is in them."""
        found: QuerySet[Posting] = super().get_queryset(request)
        return found.filter(pk__in=all_seen_by(cast(User, request.user)).values("pk"))

    def offered(self, obj: Posting) -> Collection[str]:
        fits = {
            "mark_posted": obj.state == State.READY and obj.envelopes > 0,
            "print_again": obj.state in (State.READY, State.POSTED)
            and obj.envelopes > 0
            and not obj.reprint_of_id,
            "discard": obj.state in (State.WAITING, State.READY),
        }
        return [name for name, fit in fits.items() if fit]

    @display(description=_("Number"), ordering="pk")
    def shown_number(self, obj: Posting) -> str:
        return f"{obj.number} {gettext('(reprint)')}" if obj.reprint_of_id else obj.number

    @display(description=_("Month in which it was written"), ordering="month")
    def shown_month(self, obj: Posting) -> str:
        return month_text(Month.parse(obj.month)) if obj.month else "—"

    @display(description=_("Status"), label=COLOURS)
    def shown_state(self, obj: Posting) -> tuple[str, Any]:
        return obj.state, obj.state.label

    @display(description=_("Status"))
    def shown_status(self, obj: Posting) -> str:
        return str(obj.state.label)

    @display(description=_("Print file"))
    def shown_file(self, obj: Posting) -> str:
        if not obj.pdf or obj.discarded_at:
            return "—"
        return link(reverse("admin:contracts_posting_file", args=[obj.pk]), f"{obj.number}.pdf")

    @display(description=_("Reprint"))
    def shown_reprints(self, obj: Posting) -> str:
        if obj.reprint_of_id:
            return target_link(obj.reprint_of)
        return lines(target_link(one) for one in obj.reprints.all())

    @display(description=_("In the envelopes"))
    def shown_contents(self, obj: Posting) -> str:
        return lines(self._contents(obj))

    def _contents(self, obj: Posting) -> Iterator[str]:
        found = obj.contents.select_related("mail__organisation")
        for thing in found[:SHOWN]:
            mail = thing.mail
            text = f"{mail.organisation or ''} {kind_of(mail.kind).label} {mail.number}"
            pages = ngettext("%(count)s page", "%(count)s pages", thing.pages) % {"count": thing.pages}
            page = reverse("admin:outbox_mail_change", args=[mail.pk])
            yield format_html(
                "{} {} ({})", f"{thing.envelope:04}" if thing.envelope else "—", link(page, text), pages
            )
        left = found.count() - SHOWN
        if left > 0:
            yield ngettext("and %(count)s more", "and %(count)s more", left) % {"count": left}

    def file(self, request: HttpRequest, pk: int) -> FileResponse:
        """The print file, for who may see all that is in it."""
        found = get_object_or_404(self.get_queryset(request), pk=pk)
        if not found.pdf or found.discarded_at:
            raise Http404
        try:
            return download(
                read_checked(str(found.pdf), found.pdf_hash), f"{found.number}.pdf", "application/pdf"
            )
        except DamagedFileError as error:
            raise Http404 from error

    @action(description=_("Make a print file"), url_path="make", permissions=["act"], icon="print")
    def make(self, request: HttpRequest) -> HttpResponse:
        staff = cast(User, request.user)

        def act(staff: User, data: dict[str, Any]) -> str:
            month = Month.parse(data["month"]) if data["month"] else None
            posting = make_posting(data["provider"], staff, data["what"], month, now())
            draw_soon(posting)
            return gettext("%(number)s is being drawn.") % {"number": posting.number}

        page = ActionPage(
            title=_("Make a print file"),
            button=_("Make it"),
            form=MakingForm,
            act=act,
            facts=list(_waiting(staff)),
        )
        return run_list_action(self, request, page)

    @action(
        description=_("Record as posted"),
        url_path="posted",
        permissions=["act"],
        icon="mark_email_read",
        variant=ActionVariant.PRIMARY,
    )
    def mark_posted(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def act(posting: Posting, staff: User, data: dict[str, Any]) -> str:
            mark_posted(posting, staff, data["on"], now())
            return gettext("It is recorded that %(number)s was posted on %(day)s.") % {
                "number": posting.number,
                "day": day_text(data["on"]),
            }

        return self._run(request, object_id, _("Record as posted"), PostedForm, act)

    @action(description=_("Print again"), url_path="again", permissions=["act"], icon="print")
    def print_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def act(posting: Posting, staff: User, data: dict[str, Any]) -> str:
            again = print_again(posting, staff, now())
            draw_soon(again)
            return gettext("%(number)s, the reprint, is being drawn.") % {"number": again.number}

        return self._run(request, object_id, _("Print again"), ConfirmForm, act)

    @action(description=_("Discard"), url_path="discard", permissions=["act"], icon="delete")
    def discard(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def act(posting: Posting, staff: User, data: dict[str, Any]) -> str:
            discard(posting, staff, now())
            return gettext("%(number)s is discarded; what was in it waits again.") % {
                "number": posting.number
            }

        return self._run(request, object_id, _("Discard"), ConfirmForm, act)

    def _run(
        self, request: HttpRequest, object_id: str, title: Any, form: type[forms.Form], act: Any
    ) -> HttpResponse:
        posting = get_object_or_404(self.get_queryset(request), pk=object_id)
        page = ActionPage(
            title=title,
            button=title,
            form=form,
            act=partial(act, posting),
            facts=[
                (_("Number"), self.shown_number(posting)),
                (_("Envelopes"), posting.envelopes),
                (_("Pages"), posting.pages),
                (_("Status"), posting.state.label),
            ],
        )
        return run_action(self, request, object_id, page)


def _waiting(staff: User) -> Iterator[tuple[Any, Any]]:
    """How much waits to be posted, of all that somebody sees."""
    count = within(staff, waiting_for(staff)).count()
    text = ngettext("%(count)s thing to post", "%(count)s things to post", count) % {"count": count}
    yield _("Waits to be posted"), text
