"""Carry out a proposal in an emergency, with one person."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.approvals.decide import break_glass
from portal.approvals.models import Proposal
from portal.organisations.models import User


class Command(BaseCommand):
    help = (
        "Carry out a proposal that waits for approval, without a second person. For emergencies alone: the "
        "audit trail keeps it, and all managers are told by e-mail."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("proposal", type=int, help="the proposal's number")
        parser.add_argument("--by", required=True, help="e-mail address of the staff who answers for it")
        parser.add_argument("--reason", required=True, help="why nobody else could approve it")

    def handle(self, *, proposal: int, by: str, reason: str, **options: Any) -> None:
        staff = User.objects.filter(email__iexact=by, is_staff=True, is_active=True).first()
        if staff is None:
            raise CommandError(f"Nobody of the staff who may sign in has the address {by}.")
        waiting = Proposal.objects.filter(pk=proposal).first()
        if waiting is None:
            raise CommandError(f"There is no proposal {proposal}.")
        try:
            decided = break_glass(waiting, staff, reason, timezone.now())
        except PermissionDenied as refused:
            raise CommandError(f"{by} has no right to decide on this.") from refused
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        self.stdout.write(f"{decided.pk} {decided.get_state_display()}: {decided.outcome or decided.comment}")
