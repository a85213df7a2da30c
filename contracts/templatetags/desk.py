"""Whether somebody has the desk of a sales agent."""

from typing import Any

from django import template

from portal.organisations.access import acting_membership
from portal.organisations.members.rights import Right

register = template.Library()


@register.simple_tag(takes_context=True)
def acts_as_agent(context: dict[str, Any]) -> bool:
    """Whether the person of a request works for a sales agent in the organisation that they act for.

    Not for staff, who see an organisation's own pages, but not those of its customers.
    """
    request = context.get("request")
    own = acting_membership(request) if request else None
    return bool(own and own.pk and own.may_on(Right.SALES) and own.organisation.sales_agents.exists())
