"""What pages say of reaching a provider."""

from django import template
from django.utils.timezone import localdate

from contracts.models import Provider, ProviderParticulars

register = template.Library()


@register.simple_tag
def provider_today(provider: Provider) -> ProviderParticulars:
    """What is stated of a provider today: its name, telephone, hours, address."""
    return provider.on(localdate())
