"""The operator's texts: which versions there are, and a page that publishes a new one."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget, UnfoldAdminTextareaWidget

from contracts.admin.html import link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_list_action
from contracts.forms.fields import DayField
from portal.imprint.models import PublishedText
from portal.imprint.operations import LONGEST, PUBLISHES, publish_text
from portal.organisations.models import User

_MARKS = _(
    "“## ” begins a heading, “- ” an item of a list; [words](https://…) is a link, **words** are strong."
)


class TextForm(forms.Form):
    """A new version; both languages are filled in with the last one of the chosen text."""

    kind = forms.ChoiceField(
        label=_("Text"), choices=PublishedText.Kind.choices, widget=UnfoldAdminSelectWidget
    )
    starts_on = DayField(label=_("Holds from"), widget=UnfoldAdminSingleDateWidget)
    text_ja = forms.CharField(
        label=_("Text in Japanese"),
        max_length=LONGEST,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 24}),
        help_text=_MARKS,
    )
    text_en = forms.CharField(
        label=_("Text in English"),
        max_length=LONGEST,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 24}),
    )


@admin.register(PublishedText)
class PublishedTextAdmin(ReadOnlyAdmin):
    list_display = ("kind", "version", "starts_on", "published_by", "published_at", "shown_again")
    list_select_related = ("published_by",)
    list_filter = ("kind",)
    search_fields = ("text_ja", "text_en")
    fields = (
        "kind",
        "version",
        "starts_on",
        "published_by",
        "published_at",
        "shown_page",
        "text_ja",
        "text_en",
    )

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(PUBLISHES)

    @display(description=_("Page"))
    def shown_page(self, obj: PublishedText) -> str:
        return link(reverse("imprint:version", args=[obj.kind, obj.version]), _("As everybody sees it"))

    @display(description=_("New version"))
    def shown_again(self, obj: PublishedText) -> str:
        address = reverse("admin:imprint_publishedtext_add")
        return link(f"{address}?kind={obj.kind}", _("Write a new version"))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The page on which a new version is published."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        last = PublishedText.objects.of(request.GET.get("kind", PublishedText.Kind.OPERATOR)).first()
        written = {name: getattr(last, name) for name in ("kind", "text_ja", "text_en")} if last else {}

        def form(data: Any = None) -> TextForm:
            return TextForm(data, initial={**written, "starts_on": localdate()})

        def act(staff: User, data: dict[str, Any]) -> str:
            return gettext("%(text)s is published.") % {"text": publish_text(**data, staff=staff, at=now())}

        page = ActionPage(title=_("Publish a text of the operator"), button=_("Publish"), form=form, act=act)
        return run_list_action(self, request, page)
