from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from contracts.models import NoticeDelivery
from contracts.notices.deliveries import record_bounce


class Command(BaseCommand):
    help = "Record that the e-mail of a notice came back from an address; for a script that reads bounces."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("notice", type=int, help="the notice's number: its Message-ID is notice-NUMBER-…")
        parser.add_argument("address", help="the e-mail address that it could not be delivered to")
        parser.add_argument("--note", default="", help="what the server said")

    def handle(self, *, notice: int, address: str, note: str, **options: Any) -> None:
        mails = NoticeDelivery.objects.filter(notice=notice, channel=NoticeDelivery.Channel.EMAIL)
        found = mails.filter(address__iexact=address).order_by("bounced_at", "pk")
        if not found:
            raise CommandError(f"Notice {notice} was not sent to {address}. Nothing was recorded.")
        try:
            for delivery in found:
                record_bounce(delivery, timezone.now(), note)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
