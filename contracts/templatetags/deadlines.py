"""Deadlines on pages, by the last moment that is in time."""

from datetime import datetime
from typing import Any

from django import template

from contracts.wording.formats import closes_at

register = template.Library()


@register.inclusion_tag("contracts/_last_moment.html")
def last_moment(moment: datetime) -> dict[str, Any]:
    """The day, and the hour where the deadline ends within it."""
    return {"moment": moment, "hour": closes_at(moment)}
