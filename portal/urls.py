from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from portal.administration import existing_pages_of
from portal.work_queue_page import work_queue

# Staff sign in where everybody does, so that the second factor is asked for.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.search = existing_pages_of(admin.site.search)  # type: ignore[attr-defined]

urlpatterns = [
    path("", include("portal.home.urls")),
    path("accounts/", include("allauth.urls")),
    path("organisations/", include("portal.organisations.urls")),
    path("", include("contracts.urls")),
    path("", include("billing.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/queue/", admin.site.admin_view(work_queue), name="work-queue"),
    path("admin/", admin.site.urls),
]
