"""Staff of every provider, for scenes that are not about who works for whom."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models.signals import post_save

from contracts.models import Provider
from portal.organisations.models import User
from portal.staffing.models import Belonging


@contextmanager
def everybody_works_everywhere() -> Iterator[None]:
    """Let all staff work for all providers, whoever comes first, provider or person."""

    def provider_added(instance: Provider, created: bool, raw: bool, **kwargs: Any) -> None:
        if created and not raw:
            for person in User.objects.filter(is_staff=True):
                Belonging.objects.get_or_create(staff=person, provider=instance)

    def person_saved(instance: User, raw: bool, update_fields: Any, **kwargs: Any) -> None:
        if instance.is_staff and not raw and update_fields is None and not instance.belongings.exists():
            for provider in Provider.objects.all():
                Belonging.objects.get_or_create(staff=instance, provider=provider)

    post_save.connect(provider_added, sender=Provider)
    post_save.connect(person_saved, sender=User)
    yield
    post_save.disconnect(provider_added, sender=Provider)
    post_save.disconnect(person_saved, sender=User)
