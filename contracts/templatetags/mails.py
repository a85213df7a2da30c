"""What e-mails of the outbox are about."""

from typing import Any

from django import template

from portal.outbox.kinds import kind_of
from portal.outbox.models import Mail

register = template.Library()


@register.filter
def mail_kind(mail: Mail) -> Any:
    """What kind of e-mail it is, in words."""
    return kind_of(mail.kind).label
