"""Lists that have moved into the outbox: their addresses lead there, for a release."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.decorators import action

from contracts.admin.pages import ReadOnlyAdmin
from portal.outbox.models import Mail


class MovedAdmin(ReadOnlyAdmin):
    """A ledger of e-mails from before the outbox. `kinds` are those of its e-mails there, the usual first."""

    kinds: tuple[str, ...]
    about: Callable[[Any], int]
    actions_detail = ("again",)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        state = request.GET.get("state", "")
        asked = f"&state={state}" if state in (*Mail.State.values, "look_at") else ""
        return redirect(f"{reverse('admin:outbox_mail_changelist')}?kind={self.kinds[0]}{asked}")

    def has_export_permission(self, request: HttpRequest) -> bool:
        """There is no list any more."""
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        return self._moved(request, object_id)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return self._moved(request, object_id)

    @action(description="", url_path="again", permissions=["act"])
    def again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._moved(request, object_id)

    def _moved(self, request: HttpRequest, object_id: str | None) -> HttpResponse:
        """To the page of an e-mail in the outbox; to their list where it is not there."""
        found = self.get_object(request, object_id) if object_id else None
        mails = Mail.objects.filter(kind__in=self.kinds).order_by("pk")
        mail = mails.filter(about=type(self).about(found)).first() if found else None
        if mail is None:
            return self.changelist_view(request)
        return redirect("admin:outbox_mail_change", mail.pk)
