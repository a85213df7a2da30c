"""For whom somebody acts, for the header of every page."""

from typing import Any

from django import template

from portal.organisations.access import acting_organisation, own_organisations

register = template.Library()


@register.inclusion_tag("components/organisation.html", takes_context=True)
def organisation_menu(context: dict[str, Any]) -> dict[str, Any]:
    """The organisation that a person acts for, and those that they may act for instead."""
    request = context.get("request")
    own = own_organisations(request) if request else []
    acting = acting_organisation(request) if request else None
    return {
        "acting": acting,
        "others": [other for other in own if other != acting],
        "csrf_token": context.get("csrf_token"),
    }
