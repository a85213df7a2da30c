from functools import partial
from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.timezone import now
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.views import ChangeList

from portal.audit.admin import AuditedAdmin
from portal.audit.record import record
from portal.organisations.accounts.by_staff import send_password_link
from portal.organisations.accounts.changes import manager_before, tell_if_removed
from portal.organisations.desk.form import PersonForm
from portal.organisations.desk.operations import end_sessions_of, set_providers
from portal.organisations.desk.organisation_form import OrganisationForm
from portal.organisations.independence import (
    confirm_account,
    let_in,
    managers,
    may_confirm,
    note_manager,
)
from portal.organisations.members.changing import BY_STAFF, remove_member
from portal.organisations.models import Membership, Organisation, User
from portal.organisations.widgets import ChosenField, SearchedSelect
from portal.search.indexing import index, index_all, index_of
from portal.staffing.reach import providers_of, within

PERSON = "admin:organisations_user_change"
REMOVAL = "admin:organisations_organisation_remove_member"


admin.site.unregister(Group)
# Addresses and second factors are the person's own: staff have operations, not the rows.
admin.site.unregister((EmailAddress, Authenticator))


class ChoosingAdmin(ModelAdmin):
    """Several rights or groups are chosen by their keys."""

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, form_class=ChosenField, **kwargs)


@admin.register(Group)
class GroupAdmin(AuditedAdmin, DjangoGroupAdmin, ChoosingAdmin):
    """Whoever loses the right of managers with a group's rights hears of it, and so do the others."""

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        form.managers_before = [before for one in managers() if (before := manager_before(one))]
        super().save_model(request, obj, form, change)

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for before in form.managers_before:
            tell_if_removed(before, request.user, now())


@admin.register(User)
class UserAdmin(AuditedAdmin, ChoosingAdmin):
    """People, without what they sign in with: that is their own from the start."""

    fieldsets = (
        (None, {"fields": ("email", "display_name")}),
        (
            _("Rights"),
            {"fields": ("is_active", "is_staff", "groups", "providers", "is_superuser", "user_permissions")},
        ),
        (_("Second person"), {"fields": ("created_by", "earlier_makers", "confirmed_by", "confirmed_at")}),
        (_("Sign-in"), {"fields": ("shown_factor", "last_login", "date_joined", "closed_at")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": ("email", "display_name"),
                "description": _("They get an e-mail with a link, to set a password of their own."),
            },
        ),
    )
    form = PersonForm
    readonly_fields = (
        "shown_factor",
        "last_login",
        "date_joined",
        "closed_at",
        "created_by",
        "earlier_makers",
        "confirmed_by",
        "confirmed_at",
    )
    list_display = (
        "email",
        "display_name",
        "is_active",
        "shown_roles",
        "shown_providers",
        "last_login",
        "shown_factor",
        "shown_confirmed",
    )
    list_select_related = ("created_by",)
    list_filter = ("is_staff", "is_superuser", "is_active", "groups", "belongings__provider")
    search_fields = ("email", "display_name")
    ordering = ("email",)
    filter_horizontal = ("groups", "user_permissions")
    change_form_outer_before_template = "admin/organisations/account.html"

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, view: Any, name: str) -> URLPattern:
            return cast(URLPattern, path(f"<int:pk>/{route}/", self.admin_site.admin_view(view), name=name))

        return [
            own("password-link", require_POST(self.password_link), "organisations_user_password_link"),
            own("end-sessions", require_POST(self.end_sessions), "organisations_user_end_sessions"),
            own("confirm", require_POST(self.confirm), "organisations_user_confirm"),
            # Where it was removed before that took a second person.
            path(
                "<int:pk>/second-factor/",
                RedirectView.as_view(pattern_name="person-factor-reset"),
                name="organisations_user_second_factor",
            ),
            # Where Django's own admin sets passwords.
            path(
                "<path:object_id>/password/",
                RedirectView.as_view(pattern_name=PERSON),
                name="auth_user_password_change",
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Who sees nothing of customers keeps the people of none of them."""
        found: QuerySet[User] = super().get_queryset(request)
        if not request.user.has_perm("organisations.view_organisation"):
            found = found.filter(Q(is_staff=True) | Q(memberships=None))
        return found.prefetch_related("groups", "belongings__provider__particulars", "authenticator_set")

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        made: Any = super().get_form(request, obj, change, **kwargs)
        return type("PersonForm", (made,), {"staff": request.user})

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Only a superuser makes superusers, or gives a right beyond those of the roles.

        The address is changed by the person alone: a new password can be set through it.
        """
        own = ("email",) if obj else ()
        beyond_roles = () if request.user.is_superuser else ("is_superuser", "user_permissions")
        return (*self.readonly_fields, *own, *beyond_roles)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        superuser_kept = obj is None or not obj.is_superuser or request.user.is_superuser
        return superuser_kept and super().has_change_permission(request, obj)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """The list can't be filtered by passwords: it would tell them bit by bit."""
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    @display(description=_("Confirmed"), label={"yes": "success", "no": "warning"})
    def shown_confirmed(self, obj: User) -> tuple[str, str] | str:
        """Whether somebody else than who let them in says that this is a person of their own."""
        if not obj.is_staff:
            return "—"
        if obj.is_confirmed:
            return "yes", gettext("Confirmed")
        return "no", gettext("Not confirmed; let in by %(name)s") % {"name": obj.created_by}

    @display(description=_("Roles"))
    def shown_roles(self, obj: User) -> str:
        if not obj.is_staff:
            return "—"
        roles = [group.name for group in obj.groups.all()]
        return ", ".join([gettext("Superuser"), *roles] if obj.is_superuser else roles) or "—"

    @display(description=_("Providers"))
    def shown_providers(self, obj: User) -> str:
        if obj.is_staff and obj.is_superuser:
            return gettext("All")
        return ", ".join(str(row.provider) for row in obj.belongings.all()) or "—"

    @display(description=_("Second factor"))
    def shown_factor(self, obj: Any) -> str:
        """Whether there is one, and of which kind; recovery codes are none of their own."""
        kinds = dict(Authenticator.Type.choices)
        factors = {one.type for one in obj.authenticator_set.all()} - {Authenticator.Type.RECOVERY_CODES}
        named = ", ".join(sorted(str(kinds[one]) for one in factors))
        return f"{gettext('Yes')}（{named}）" if named else gettext("No")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        let_in(obj, cast(User, request.user), User.objects.get(pk=obj.pk) if change else None)
        note_manager(obj, now())
        form.manager_before = manager_before(obj) if change else None
        if not change:
            obj.set_unusable_password()
            transaction.on_commit(partial(self._send_link, request, obj))
        super().save_model(request, obj, form, change)
        index_of(Membership, user=obj)

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and "providers" in form.changed_data:
            set_providers(form.instance, form.cleaned_data["providers"], request.user)
        if form.manager_before:
            tell_if_removed(form.manager_before, request.user, now())

    def response_add(self, request: Any, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        """Rights come next, on the person's own page."""
        if "_addanother" not in request.POST and IS_POPUP_VAR not in request.POST:
            request.POST = request.POST.copy()
            request.POST["_continue"] = "1"
        return super().response_add(request, obj, post_url_continue)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        person = kwargs.get("obj")
        may_act = person is not None and self.has_change_permission(request, person)
        context["may_send_link"] = may_act
        context["may_confirm"] = may_act and may_confirm(cast(User, person), cast(User, request.user))
        context["may_remove_factor"] = may_act and is_mfa_enabled(person)
        return super().render_change_form(request, context, *args, **kwargs)

    def password_link(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send somebody a link to set a new password."""
        person = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        self._send_link(request, person)
        return redirect(PERSON, pk)

    def confirm(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Confirm that somebody's account is that of a person of their own."""
        person = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        try:
            confirm_account(person, cast(User, request.user), now())
        except ValidationError as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, gettext("The account of %(name)s is confirmed.") % {"name": person})
        return redirect(PERSON, pk)

    def end_sessions(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Sign somebody out everywhere."""
        person = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        end_sessions_of(person, cast(User, request.user))
        messages.success(request, gettext("%(name)s is signed out everywhere.") % {"name": person})
        return redirect(PERSON, pk)

    @staticmethod
    def _send_link(request: HttpRequest, person: User) -> None:
        try:
            address = send_password_link(person, cast(User, request.user), request)
        except ValidationError as refusal:
            messages.error(request, refusal.message)
        else:
            sent = gettext("A link to set a new password is being sent to %(email)s.")
            messages.success(request, sent % {"email": address})


class MembershipInline(TabularInline):
    """Members as they are, and new ones. Owners change them, and an operation takes them out."""

    model = Membership
    extra = 0
    fields = (
        "user",
        "role",
        "handles_contracts",
        "handles_billing",
        "handles_sales",
        "shown_limit",
        "last_login",
        "removal",
    )
    readonly_fields = ("shown_limit", "last_login", "removal")
    autocomplete_fields = ("user",)
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        contracts: Any = Membership._meta.get_field("contracts").related_model
        reached = within(request.user, contracts._default_manager.all())
        members = super().get_queryset(request).select_related("user")
        return members.prefetch_related(Prefetch("contracts", queryset=reached))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        may_remove = request.user.has_perm(BY_STAFF)
        return tuple(name for name in self.fields if may_remove or name != "removal")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["widget"] = SearchedSelect(db_field, self.admin_site)
            kwargs["queryset"] = within(request.user, User.objects.all())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description=_("Only certain contracts"))
    def shown_limit(self, obj: Membership) -> str:
        if obj.pk is None or not obj.is_limited:
            return "—"
        return gettext(", ").join(contract.number for contract in obj.contracts.all()) or gettext(
            "no contract"
        )

    @display(description=_("Last sign-in"))
    def last_login(self, obj: Membership) -> Any:
        return (obj.user.last_login if obj.pk else None) or "—"

    @display(description="")
    def removal(self, obj: Membership) -> str:
        """The way to taking a member out."""
        if obj.pk is None:
            return ""
        address = reverse(REMOVAL, args=[obj.organisation_id, obj.pk])
        return format_html(
            '<a class="text-red-700 dark:text-red-400" href="{}">{}</a>',
            address,
            pgettext("a member", "Remove"),
        )


class CustomerList(ChangeList):  # type: ignore[misc]
    """Each leads to the customer's page, which leads to the form."""

    def url_for_result(self, result: Organisation) -> str:
        return reverse("customer", args=[result.pk])


@admin.register(Organisation)
class OrganisationAdmin(AuditedAdmin, ModelAdmin):
    form = OrganisationForm
    list_display = ("name", "corporate_number", "phone", "invoice_email", "created_at")
    export_more = (
        "kana",
        "postal_code",
        "address",
        "number_confirmed_at",
    )
    search_fields = ("name", "kana", "corporate_number", "invoice_email")
    readonly_fields = ("created_at", "number_confirmed_at", "united_into")
    inlines = (MembershipInline,)
    change_form_outer_before_template = "admin/organisations/organisation.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CustomerList]:
        return CustomerList

    def get_fields(self, request: HttpRequest, obj: Organisation | None = None) -> Any:
        """A name is said to be another one of the same party once there is one."""
        fields = super().get_fields(request, obj)
        return fields if obj else [name for name in fields if name != "same_party"]

    def has_change_permission(self, request: HttpRequest, obj: Organisation | None = None) -> bool:
        """One that was united into another stays as it was."""
        return (obj is None or obj.united_into_id is None) and super().has_change_permission(request, obj)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["may_unite"] = self.has_change_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Organisation, form: Any, change: bool) -> None:
        """Another number than the confirmed one is not confirmed."""
        if "corporate_number" in form.changed_data:
            obj.number_confirmed_at = None
        super().save_model(request, obj, form, change)
        index(obj)

    def get_urls(self) -> list[URLPattern]:
        remove = self.admin_site.admin_view(self.remove_member)
        address = "<int:pk>/members/<int:member_pk>/remove/"
        return [path(address, remove, name=REMOVAL.removeprefix("admin:")), *super().get_urls()]

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        index_all(formset.new_objects)
        for added in formset.new_objects:
            record("member.added", request.user, form.instance, person=added.user_id, **added.stated())

    def remove_member(self, request: HttpRequest, pk: int, member_pk: int) -> HttpResponse:
        """Ask whether a member is to be taken out, and do it."""
        members = Membership.objects.select_related("user", "organisation")
        member = get_object_or_404(members, pk=member_pk, organisation=pk)
        if not self.has_change_permission(request, member.organisation):
            raise PermissionDenied
        back = reverse("admin:organisations_organisation_change", args=[pk])
        if request.method != "POST":
            shown = {
                **self.admin_site.each_context(request),
                "title": gettext("Remove %(name)s from the members") % {"name": member.user},
                "member": member,
                "back": back,
                "opts": self.opts,
            }
            return TemplateResponse(request, "admin/organisations/remove_member.html", shown)
        try:
            remove_member(member, cast(User, request.user))
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, gettext("%(name)s is no longer a member.") % {"name": member.user})
        return redirect(back)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """An organisation that has applied to nobody is seen by who works for all providers."""
        return super().has_add_permission(request) and providers_of(request.user).every
