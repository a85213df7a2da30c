from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from portal.audit.admin import AuditedAdmin
from portal.organisations.models import Membership, Organisation, User
from portal.organisations.widgets import ChosenField, SearchedSelect

admin.site.unregister(Group)


class ChoosingAdmin(ModelAdmin):
    """Several rights or groups are chosen by their keys."""

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, form_class=ChosenField, **kwargs)


@admin.register(Group)
class GroupAdmin(AuditedAdmin, DjangoGroupAdmin, ChoosingAdmin):
    pass


@admin.register(User)
class UserAdmin(AuditedAdmin, DjangoUserAdmin, ChoosingAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    fieldsets = (
        (None, {"fields": ("email", "display_name", "password")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "display_name", "password1", "password2")}),)
    readonly_fields = ("last_login", "date_joined")
    list_display = ("email", "display_name", "is_staff", "is_active")
    search_fields = ("email", "display_name")
    ordering = ("email",)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Only a superuser makes superusers, or gives a right beyond those of the roles."""
        beyond_roles = () if request.user.is_superuser else ("is_superuser", "user_permissions")
        return (*self.readonly_fields, *beyond_roles)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        superuser_kept = obj is None or not obj.is_superuser or request.user.is_superuser
        return superuser_kept and super().has_change_permission(request, obj)


class MembershipInline(TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["widget"] = SearchedSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Organisation)
class OrganisationAdmin(AuditedAdmin, ModelAdmin):
    list_display = ("name", "corporate_number", "phone", "invoice_email", "created_at")
    search_fields = ("name", "kana", "corporate_number", "invoice_email")
    readonly_fields = ("created_at",)
    inlines = (MembershipInline,)
