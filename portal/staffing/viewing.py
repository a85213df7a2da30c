"""Which customer's pages the staff of a request look at, for support; the session keeps it."""

from django.http import HttpRequest
from django.utils.timezone import now

from portal.staffing.models import CustomerView

KEY = "customer_view"
_KNOWN = "_customer_view"


def is_viewing(request: HttpRequest) -> bool:
    """Whether the session says that somebody looks at a customer's pages, be it that this is over by now."""
    return bool(request.user.is_staff and KEY in request.session)


def view_of(request: HttpRequest) -> CustomerView | None:
    """The look that lasts now; None where there is none. A query only where the session names one."""
    if not is_viewing(request):
        return None
    if not hasattr(request, _KNOWN):
        found = CustomerView.objects.filter(
            pk=request.session[KEY], staff=request.user.pk, ended_at__isnull=True, until__gt=now()
        )
        setattr(request, _KNOWN, found.select_related("organisation", "staff").first())
    known: CustomerView | None = getattr(request, _KNOWN)
    return known
