"""The outbox as staff see it: what was said to whom, what became of it, and what is to be done."""

from collections.abc import Callable, Collection
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import Form
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from contracts.admin.files import download
from contracts.admin.forms import ConfirmForm
from contracts.admin.html import lines, link
from contracts.admin.outbox.forms import WentOutForm
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.wording.formats import language_text
from portal.organisations.models import User
from portal.outbox.attachments import attachments_of
from portal.outbox.kinds import kind_of, kinds_about, kinds_seen_by, mails_seen_by
from portal.outbox.models import Mail
from portal.outbox.secrets import PLACE
from portal.outbox.settling import AGAIN, TO_LEAVE, leave, send_again, went_out_at

State = Mail.State
COLOURS = {
    State.WAITING: "info",
    State.TO_POST: "info",
    State.SENDING: "info",
    State.INTERRUPTED: "danger",
    State.TAKEN: "success",
    State.POSTED: "success",
    State.REFUSED: "danger",
    State.BOUNCED: "danger",
    State.DROPPED: "default",
    State.EXPIRED: "default",
}
LOOK_AT = "look_at"
Act = Callable[[User, dict[str, Any]], Any]


class StateFilter(admin.SimpleListFilter):
    title = _("Status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(LOOK_AT, _("To look at")), *State.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.value()
        if chosen == LOOK_AT:
            return queryset.to_look_at()
        return queryset.in_state(State(chosen)) if chosen in State.values else queryset


class KindFilter(admin.SimpleListFilter):
    title = _("Kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        seen = kinds_seen_by(request.user)
        areas = {kind.model.partition(".")[0] for kind in seen}
        named = [(area, apps.get_app_config(area).verbose_name) for area in sorted(areas, reverse=True)]
        return [*named, *((kind.key, kind.label) for kind in seen)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mail]) -> QuerySet[Mail]:
        chosen = self.value()
        return queryset.filter(kind__in=kinds_about(chosen) or [chosen]) if chosen else queryset


def _two_lines(first: Any, second: Any) -> SafeString:
    return format_html('<span class="staff-two-lines">{}<small>{}</small></span>', first, second)


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    list_display = ("shown_what", "shown_recipient", "shown_state", "created_at", "taken_at")
    list_filter = (StateFilter, KindFilter)
    list_select_related = ("organisation",)
    search_fields = ("address", "number", "subject", "organisation__name", "message_id")
    show_full_result_count = False
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "shown_status",
                    "shown_kind",
                    "shown_about",
                    "organisation",
                    "address",
                    "shown_sender",
                    "reply_to",
                    "shown_language",
                )
            },
        ),
        (_("What it says"), {"fields": ("subject", "shown_text", "shown_files")}),
        (
            _("What happened"),
            {
                "fields": (
                    "created_at",
                    "tries",
                    "due_at",
                    "expires_at",
                    "trouble",
                    "failing_since",
                    "claimed_at",
                    "claimed_by",
                    "interrupted_at",
                    "doubted_at",
                    "taken_at",
                    "refused_at",
                    "bounced_at",
                    "bounce_note",
                    "closed_at",
                    "shown_others",
                    "message_id",
                )
            },
        ),
    )
    actions_detail = ("again", "went_out", "leave")

    class Media:
        css = {"all": ("css/staff-work.css",)}

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:pk>/file/<int:place>/", self.admin_site.admin_view(self.file), name="outbox_mail_file"
        )
        return [own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mail]:
        """Of each kind those whose objects somebody may see."""
        mails: QuerySet[Mail] = super().get_queryset(request).filter(mails_seen_by(request.user))
        return mails

    def get_fieldsets(self, request: HttpRequest, obj: Mail | None = None) -> Any:
        """Of what happened, what did."""
        *others, (title, happened) = super().get_fieldsets(request, obj)
        always = ("created_at", "shown_others", "message_id")
        told = [str(name) for name in happened["fields"]]
        told = [name for name in told if name in always or (obj and getattr(obj, name))]
        if obj and obj.state != State.WAITING:
            told = [name for name in told if name != "due_at"]
        return [*others, (title, {"fields": told})]

    def has_act_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who may change what an e-mail is about settles it, where its kind takes no other right."""
        if not super().has_act_permission(request, object_id):
            return False
        mail = Mail.objects.filter(pk=object_id).first() if object_id else None
        return mail is None or kind_of(mail.kind).is_settled_by(request.user)

    def offered(self, obj: Mail) -> Collection[str]:
        if obj.expires_at:
            return []
        is_so = not kind_of(obj.kind).is_over(obj)
        fits = {
            "again": obj.state in AGAIN and is_so and not obj.secret_erased_at,
            "went_out": obj.may_be_out,
            "leave": obj.state in TO_LEAVE and not obj.closed_at,
        }
        return [name for name, fit in fits.items() if fit]

    @display(description=_("Subject"), ordering="subject")
    def shown_what(self, obj: Mail) -> str:
        kind = self.shown_kind(obj)
        return _two_lines(obj.subject or kind, f"{kind} {obj.number}" if obj.subject else obj.number)

    @display(description=_("Sent to"), ordering="organisation__name")
    def shown_recipient(self, obj: Mail) -> str:
        return _two_lines(obj.organisation or "—", obj.address or gettext("By post"))

    @display(description=_("Kind"), ordering="kind")
    def shown_kind(self, obj: Mail) -> str:
        return str(kind_of(obj.kind).label)

    @display(description=_("Status"), label=COLOURS)
    def shown_state(self, obj: Mail) -> tuple[str, Any]:
        return obj.state, obj.state.label

    @display(description=_("Status"))
    def shown_status(self, obj: Mail) -> str:
        return str(obj.state.label)

    @display(description=_("About"))
    def shown_about(self, obj: Mail) -> str:
        if not obj.about:
            return obj.number or "—"
        page = "admin:{}_{}_change".format(*kind_of(obj.kind).model.split("."))
        try:
            return link(reverse(page, args=[obj.about]), obj.number or _("Open"))
        except NoReverseMatch:
            return obj.number or "—"

    @display(description=_("Sender"))
    def shown_sender(self, obj: Mail) -> str:
        return f"{obj.sender_name} <{obj.sender_address}>"

    @display(description=_("Language"))
    def shown_language(self, obj: Mail) -> str:
        return language_text(obj.language)

    @display(description=_("Text"))
    def shown_text(self, obj: Mail) -> str:
        erased = _("[The secret that stood here was erased.]")
        kept = _("[What is secret stands here; it is kept encrypted.]")
        text = obj.text.replace(PLACE, str(erased if obj.secret_erased_at else kept))
        return render_to_string("admin/outbox/_text.html", {"text": text})

    @display(description=_("Attachments"))
    def shown_files(self, obj: Mail) -> str:
        files = enumerate(attachments_of(obj))
        return lines(
            link(reverse("admin:outbox_mail_file", args=[obj.pk, place]), file.name) for place, file in files
        )

    @display(description=_("Sent again"))
    def shown_others(self, obj: Mail) -> str:
        """The same e-mail as it went out before or after this one."""
        first = obj.again_of or obj
        others = [one for one in (first, *first.again.all()) if one.pk != obj.pk]
        return lines(
            link(reverse("admin:outbox_mail_change", args=[one.pk]), f"{one.address} – {one.state.label}")
            for one in others
        )

    def file(self, request: HttpRequest, pk: int, place: int) -> FileResponse:
        """A file that goes out with an e-mail, for who may see that."""
        files = attachments_of(get_object_or_404(self.get_queryset(request), pk=pk))
        if place >= len(files):
            raise Http404
        try:
            return download(files[place].content(), files[place].name, files[place].content_type)
        except FileNotFoundError as error:
            raise Http404 from error

    @action(
        description=_("Send again"),
        url_path="again",
        permissions=["act"],
        icon="forward_to_inbox",
        variant=ActionVariant.PRIMARY,
    )
    def again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        mail = self._mail(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            waiting = send_again(mail, staff, now())
            if not waiting.address:
                return gettext("It waits to be posted.")
            return gettext("The e-mail is being sent to %(address)s.") % {"address": waiting.address}

        return self._run(request, mail, _("Send again"), ConfirmForm, act)

    @action(description=_("It went out at …"), url_path="went-out", permissions=["act"], icon="fact_check")
    def went_out(self, request: HttpRequest, object_id: str) -> HttpResponse:
        mail = self._mail(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            went_out_at(mail, staff, data["at"], data["evidence"], now())
            return gettext("When the e-mail went out is recorded.")

        return self._run(request, mail, _("It went out at …"), WentOutForm, act)

    @action(description=_("Leave it at that"), url_path="leave", permissions=["act"], icon="done_all")
    def leave(self, request: HttpRequest, object_id: str) -> HttpResponse:
        mail = self._mail(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            leave(mail, staff, now())
            return gettext("The e-mail is settled.")

        return self._run(request, mail, _("Leave it at that"), ConfirmForm, act)

    def _mail(self, request: HttpRequest, object_id: str) -> Mail:
        return get_object_or_404(self.get_queryset(request), pk=object_id)

    def _run(self, request: HttpRequest, mail: Mail, title: Any, form: type[Form], act: Act) -> HttpResponse:
        page = ActionPage(
            title=title,
            button=title,
            form=form,
            act=act,
            facts=[
                (_("Subject"), mail.subject or self.shown_kind(mail)),
                (_("Sent to"), kind_of(mail.kind).address(mail) or gettext("By post")),
                (_("Status"), mail.state.label),
                *([(_("Handed over at"), mail.claimed_at)] if mail.claimed_at else []),
                *([(_("Why it did not go out"), mail.trouble)] if mail.trouble else []),
                *([(_("Why it came back"), mail.bounce_note)] if mail.bounce_note else []),
            ],
        )
        return run_action(self, request, str(mail.pk), page)
