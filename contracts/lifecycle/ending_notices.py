"""What the ledger of a notice says to the end that it announced: for whom it counts, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import cast

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from contracts.models import Contract, Notice, NoticeDelivery, TermsVersion
from contracts.policies.rulebooks import rulebook_for
from contracts.rules.calendar.period import Month, japan_date
from contracts.rules.decision import NotProvided
from contracts.rules.life.ending import Ending, OfferKind
from contracts.rules.life.notice import Channel


def ending_notices(service_pk: int) -> QuerySet[Notice]:
    """The notices on the end of a service or of its options that were sent, the newest first."""
    ends = (Notice.Purpose.SERVICE_END, Notice.Purpose.OPTION_END)
    sent = Notice.objects.filter(service=service_pk, purpose__in=ends, sent_at__isnull=False)
    return sent.select_related("service", "governing_version__service").order_by("-sent_at", "-pk")


@dataclass(frozen=True)
class EndingNotice:
    """A notice that was sent on the end of an option (`product`) or of the service, and whom it concerns.

    The customer for whom it took effect last decides on the day: each of them has the whole time.
    """

    notice: Notice
    product: str
    contracts: QuerySet[Contract]

    @property
    def version(self) -> TermsVersion:
        """The terms in force when the notice was sent."""
        return cast(TermsVersion, self.notice.governed_by)

    @cached_property
    def _first_effects(self) -> dict[int, NoticeDelivery]:
        """By organisation the delivery by which the notice first took effect for it."""
        effective = self.notice.deliveries.filter(effective_at__isnull=False).order_by("-effective_at", "-pk")
        return {delivery.organisation_id: delivery for delivery in effective}

    @cached_property
    def not_told(self) -> Sequence[Contract]:
        """The contracts for whose customers the notice has not taken effect."""
        return [one for one in self.contracts if one.organisation_id not in self._first_effects]

    @cached_property
    def _decisive(self) -> NoticeDelivery | None:
        told = {contract.organisation_id for contract in self.contracts}
        found = [delivery for key, delivery in self._first_effects.items() if key in told]
        return max(found, key=lambda delivery: cast(datetime, delivery.effective_at), default=None)

    @property
    def effective_on(self) -> date | None:
        """The day on which the notice had taken effect for everybody whom it has reached."""
        delivery = self._decisive
        return japan_date(cast(datetime, delivery.effective_at)) if delivery else None

    def ending(self, ends_on: date) -> Ending:
        """What the rules say to the end on a day. ValidationError where they provide for no such end."""
        delivery, rules = self._decisive, rulebook_for(self.version)
        offer: OfferKind = "option" if self.product else "service"
        channel, sent_at, arrived_at = self._by_sending()
        if delivery:
            channel = cast(Channel, delivery.channel)
            sent_at, arrived_at = cast(datetime, delivery.sent_at), delivery.arrived_at
        try:
            return rules.ending(offer, ends_on, channel, sent_at, arrived_at)
        except NotProvided as error:
            raise ValidationError(
                _("The terms don't provide for such an end."), code="not_provided"
            ) from error

    def _by_sending(self) -> tuple[Channel, datetime, datetime | None]:
        """How the notice was sent, as long as it has taken effect for nobody."""
        rules = self.version.policy.notices
        used: tuple[Channel, ...] = ("letter",) if self.notice.by_letter else ("email", "site")
        channel = next((one for one in used if one in rules.channels), next(iter(rules.channels)))
        return channel, cast(datetime, self.notice.sent_at), None

    @cached_property
    def earliest_on(self) -> date | None:
        """The earliest last day that the terms allow; None as long as the notice counts for nobody."""
        effective_on = self.effective_on
        if effective_on is None:
            return None
        at_month_end = self._only_month_ends
        day = Month.of(effective_on).last if at_month_end else effective_on
        while self.ending(day).reason is not None:
            day = (Month.of(day) + 1).last if at_month_end else date.fromordinal(day.toordinal() + 1)
        return day

    @property
    def _only_month_ends(self) -> bool:
        rule = self.version.policy.endings.get("option" if self.product else "service")
        return rule is not None and rule.ends == "month_end"
