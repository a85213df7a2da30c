from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from contracts.consents.answers import record_deemed_consents
from portal.organisations.models import Organisation


class Command(BaseCommand):
    help = (
        "Record the consents that notices have brought about. Never needed: pages record them as they are "
        "looked at, with the moment at which they came about."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        told = Organisation.objects.filter(notice_deliveries__effective_at__lte=at).distinct()
        recorded = sum(len(record_deemed_consents(organisation, at)) for organisation in told)
        self.stdout.write(f"{recorded} consents recorded.")
