"""The history of an object in the admin: who did what to it, when, in sentences."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from portal.audit.books import named, tell
from portal.audit.models import AuditEntry
from portal.audit.names import Names, seen_by
from portal.audit.stories import readable_by, story_of
from portal.staffing.admin import ReachedAdmin

PAGE = 50


class HistoryAdmin(ReachedAdmin):
    """Mixin: the history of an object is what the audit trail tells of it and of what belongs to it."""

    def history_view(
        self: Any, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """The entries about an object that somebody may read, the latest first."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            return missing
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        entries = AuditEntry.objects.filter(story_of(obj), readable_by(request)).select_related("actor")
        page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %(object)s") % {"object": obj},
            "opts": self.opts,
            "object": obj,
            "page": page,
            "told": tell(page.object_list, Names(named, seen_by(request))),
            "may_search": request.user.has_perm("audit.view_auditentry"),
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/audit/history.html", context)
