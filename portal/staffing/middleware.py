"""The admin's own pages of an object, for who reaches it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse

from portal.staffing.reach import providers_of, within

KEYS = ("object_id", "pk")
"""By which names the addresses of the admin hold the key of an object."""


def model_of_page(name: str) -> type[Model] | None:
    """The model that a page of the admin belongs to, by the name of its address; None for pages of none."""
    found = [
        model
        for model in admin.site._registry
        if name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_")
    ]
    return max(found, key=lambda model: len(model.__name__), default=None)


class ReachMiddleware:
    """A page of the admin about an object that somebody does not reach is not found, as if there were none.

    Lists, forms and the library's own pages know it from `ReachedAdmin`; this is for the pages beside them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        here = request.resolver_match
        key = next((kwargs[name] for name in KEYS if name in kwargs), None)
        if here is None or here.namespace != "admin" or key is None:
            return
        model = model_of_page(here.url_name or "")
        if model is None or not request.user.is_staff or providers_of(request.user).every:
            return
        if not within(request.user, model._base_manager.filter(pk=key)).exists():
            raise Http404
