"""For whom somebody acts, for the header of every page, and what they may do; and whose an address is."""

from typing import Any

from django import template
from django.forms import BoundField

from portal.organisations.access import acting_membership, acting_organisation, own_organisations
from portal.organisations.fields import POSTAL_CODE_NAME
from portal.organisations.members.rights import Right
from portal.organisations.models import Organisation
from portal.staffing.viewing import view_of

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


@register.simple_tag(takes_context=True)
def acting_for(context: dict[str, Any]) -> Organisation | None:
    """The organisation that a person acts for, if any."""
    request = context.get("request")
    return acting_organisation(request) if request else None


@register.simple_tag(takes_context=True)
def offered(context: dict[str, Any], right: str, *, whole: bool = False) -> bool:
    """Whether a page offers what needs a right: to members who have it, and to who is no member yet.

    `whole` where it is done for the organisation as a whole, and not on a contract.
    """
    request = context.get("request")
    own = acting_membership(request) if request else None
    if own is None:
        return True
    return own.may_on(Right(right)) if whole else own.may(Right(right))


@register.inclusion_tag("components/customer_view.html", takes_context=True)
def customer_view(context: dict[str, Any]) -> dict[str, Any]:
    """Whose pages staff look at as the customer sees them, and the way out."""
    request = context.get("request")
    view = view_of(request) if request and request.user.is_authenticated else None
    return {"customer_view": view, "csrf_token": context.get("csrf_token")}


@register.simple_tag(takes_context=True)
def only_looked_at(context: dict[str, Any]) -> bool:
    """Whether staff look at the page as the customer sees it: lists and files are not theirs to take out."""
    request = context.get("request")
    return bool(request and request.user.is_authenticated and view_of(request))


@register.filter
def whose_address(field: BoundField) -> str:
    """What the names of a postal code and of its address begin with."""
    return field.html_name.removesuffix(POSTAL_CODE_NAME)
