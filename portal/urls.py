from allauth.account.decorators import secure_admin_login
from allauth.account.views import logout
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path

from portal.organisations.accounts.views import choose_language
from portal.staff.customers.page import customer_page
from portal.staff.next_page import next_waiting
from portal.staff.people import reset_factor
from portal.staff.search_page import search
from portal.staff.viewing.pages import end, start
from portal.staff.work_queue_page import export_queue, work_queue
from portal.tables_in.pages import export, table, table_import, tables, template
from portal.uniting.page import unite_page
from portal.watching.pages import live, metrics, ready, status


def first_page(request: HttpRequest, **kwargs: object) -> HttpResponse:
    """Where staff go who have signed in already."""
    return redirect("admin:index")


def change_password(request: HttpRequest, **kwargs: object) -> HttpResponse:
    """Where everybody changes the password."""
    return redirect("account_change_password")


# Staff sign in, sign out and change their password where everybody does: there attempts are counted, the
# second factor is asked for, and the person is told of a change.
admin.site.login = secure_admin_login(first_page)  # type: ignore[method-assign,assignment]
admin.site.logout = logout  # type: ignore[method-assign]
admin.site.password_change = change_password  # type: ignore[method-assign,assignment]
admin.site.password_change_done = change_password  # type: ignore[method-assign,assignment]
# In the place of the library's, which knows names of menus alone.
admin.site.search = search  # type: ignore[attr-defined]

# Beside the admin's own pages of organisations, which know nothing of what lies above them.
uniting = path(
    "organisations/organisation/<int:pk>/unite/",
    admin.site.admin_view(unite_page),
    name="organisations_organisation_unite",
)
admin_pages, admin_app, admin_name = admin.site.urls

urlpatterns = [
    path("health/live", live, name="health-live"),
    path("health/ready", ready, name="health-ready"),
    path("health/status", status, name="health-status"),
    path("metrics", metrics, name="metrics"),
    path("", include("portal.home.urls")),
    path("about/", include("portal.imprint.urls")),
    path("help/", include("portal.help.urls")),
    path("accounts/", include("portal.organisations.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("organisations/", include("portal.organisations.urls")),
    path("data/", include("portal.data_protection.urls")),
    path("", include("contracts.urls")),
    path("", include("billing.urls")),
    path("i18n/setlang/", choose_language, name="set_language"),
    path("admin/queue/", admin.site.admin_view(work_queue), name="work-queue"),
    path("admin/queue/next/", admin.site.admin_view(next_waiting), name="work-queue-next"),
    path("admin/tables/", admin.site.admin_view(tables), name="tables"),
    path("admin/tables/brought/<int:pk>/", admin.site.admin_view(table_import), name="table-import"),
    path("admin/tables/<slug:kind>/", admin.site.admin_view(table), name="table"),
    path(
        "admin/tables/<slug:kind>/template.<slug:file_format>",
        admin.site.admin_view(template),
        name="table-template",
    ),
    path(
        "admin/tables/<slug:kind>/stored.<slug:file_format>",
        admin.site.admin_view(export),
        name="table-export",
    ),
    path("admin/queue/export/", admin.site.admin_view(export_queue), name="work-queue-export"),
    path(
        "admin/people/<int:pk>/factor-reset/",
        admin.site.admin_view(reset_factor),
        name="person-factor-reset",
    ),
    path("admin/customers/<int:pk>/", admin.site.admin_view(customer_page), name="customer"),
    path("admin/customers/<int:pk>/see/", admin.site.admin_view(start), name="customer-view-start"),
    path("customer-view/end/", end, name="customer-view-end"),
    path("admin/", ([uniting, *admin_pages], admin_app, admin_name)),
]
