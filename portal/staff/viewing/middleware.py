"""While staff see as a customer sees, they read, and nothing that they open is stored."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from contracts.deciding.customers import is_of_others
from portal.staff.viewing.operations import end_view, may_view
from portal.staffing.models import CustomerView
from portal.staffing.viewing import KEY, is_viewing, view_of

_READING = ("GET", "HEAD", "OPTIONS")


class CustomerViewMiddleware:
    """Pages of a customer are read alone; accounts and the administration stay closed meanwhile.

    What a page would note of a visit, such as that a notice was read, is taken back: it was not the customer.
    Of who is a customer of other providers as well, what is with those is not shown.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_viewing(request) or request.path in _always_open():
            return self.get_response(request)
        view = view_of(request)
        if view is None or not may_view(view.organisation, view.staff):
            return self._over(request)
        view.is_limited = is_of_others(view.staff, view.organisation)
        if request.method not in _READING or _is_closed(request):
            return render(request, "staff/view_closed.html", status=403)
        with transaction.atomic():
            response = self.get_response(request)
            transaction.set_rollback(True)
        return response

    def _over(self, request: HttpRequest) -> HttpResponse:
        """Its time or the right to it is over, or it was ended elsewhere: the session goes on without it."""
        for view in CustomerView.objects.filter(pk=request.session.pop(KEY), staff=request.user.pk):
            end_view(view, now())
        messages.info(request, _("You no longer see the customer's pages: the time is over."))
        return redirect("admin:index")


def _always_open() -> set[str]:
    """Where a look ends, and where one signs out or chooses a language."""
    names = ("customer-view-end", "account_logout", "admin:logout", "set_language")
    return {reverse(name) for name in names}


def _is_closed(request: HttpRequest) -> bool:
    accounts = reverse("account_login").removesuffix("login/")
    return request.path.startswith((accounts, reverse("admin:index"), reverse("organisations:create")))
