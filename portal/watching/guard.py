"""Who may see how the installation goes: who knows the token, or comes from a network that is named."""

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

View = Callable[..., HttpResponse]


def for_watchers(view: View) -> View:
    """Answer others with 404, as where there is no such page: it tells nobody that it is there."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _knows_the_token(request) or _comes_from_a_named_network(request):
            return view(request, *args, **kwargs)
        return HttpResponse(status=404)

    return guarded


def _knows_the_token(request: HttpRequest) -> bool:
    said = request.headers.get("Authorization", "")
    return bool(settings.WATCH_TOKEN) and constant_time_compare(said, f"Bearer {settings.WATCH_TOKEN}")


def _comes_from_a_named_network(request: HttpRequest) -> bool:
    if not settings.WATCH_NETWORKS:
        return False
    address = ip_address(get_adapter().get_client_ip(request))
    return any(address in network for network in settings.WATCH_NETWORKS)
