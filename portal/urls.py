from allauth.account.decorators import secure_admin_login
from allauth.account.views import logout
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path

from portal.organisations.views import email_addresses
from portal.staff.first_page import existing_pages_of
from portal.staff.people import reset_factor
from portal.staff.viewing.pages import end, start
from portal.staff.work_queue_page import work_queue


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
admin.site.search = existing_pages_of(admin.site.search)  # type: ignore[attr-defined]

urlpatterns = [
    path("", include("portal.home.urls")),
    path("accounts/email/", email_addresses, name="account_email"),
    path("accounts/", include("allauth.urls")),
    path("organisations/", include("portal.organisations.urls")),
    path("", include("contracts.urls")),
    path("", include("billing.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/queue/", admin.site.admin_view(work_queue), name="work-queue"),
    path(
        "admin/people/<int:pk>/factor-reset/",
        admin.site.admin_view(reset_factor),
        name="person-factor-reset",
    ),
    path("admin/customers/<int:pk>/see/", admin.site.admin_view(start), name="customer-view-start"),
    path("customer-view/end/", end, name="customer-view-end"),
    path("admin/", admin.site.urls),
]
