"""What the provider offers: its prices, what it agrees with one customer, and what it ends."""

import tomllib
from typing import Any

from django.core.exceptions import ValidationError
from pydantic import Field

from billing.approvals.price_lists import PRICE_LIST, PriceListData
from billing.models import PriceListVersion
from contracts.applications.checks import agent_of
from contracts.lifecycle.agreements import AgreementData, SignedDocument, agree
from contracts.lifecycle.provider_ends.service_ends import end_offer
from contracts.models import Notice, NoticeDelivery, TermsVersion
from contracts.notices.deliveries import record_arrival, record_posting, waiting_mails
from contracts.notices.recipients import contracts_told
from contracts.notices.send import draft_notice, send_notice
from contracts.policies.rulebooks import version_in_force
from contracts.rules.calendar.period import japan_date
from contracts.rules.examples.given import Day, Moment, Yen
from portal.lives.events.event import Event
from portal.lives.stage import TEXT, Stage, document
from portal.lives.toml import toml_of
from portal.outbox.delivery import deliver


class Price(Event):
    """A new price list, with its notice: products that are not named keep their prices."""

    do = "price"

    effective_on: Day
    prices: dict[str, Yen]
    notified_at: Moment | None = None

    def play(self, stage: Stage) -> None:
        source = self._source(stage)
        with stage.at(self.notified_at or stage.now):
            notice = self._told(stage)
        wanted = PriceListData(
            service=stage.service.slug, source=source, notice=notice.pk if notice else None
        )
        stage.decided(PRICE_LIST, wanted)

    def _told(self, stage: Stage) -> Notice | None:
        """Tell everybody whom it concerns, by a notice that reaches them at once; None for nobody."""
        rules = _terms_on(stage, stage.now).policy.notices
        notice = Notice(
            service=stage.service,
            purpose=Notice.Purpose.PRICE_CHANGE,
            effective_on=self.effective_on,
            scope=Notice.Scope.ALL,
            by_letter="letter" in rules.channels,
            subject=TEXT,
            body=TEXT,
        )
        if not contracts_told(notice, stage.today).exists():
            return None
        sent = send_notice(draft_notice(notice, stage.staff), stage.staff, stage.now)
        arrived(stage, sent)
        return sent

    def _source(self, stage: Stage) -> str:
        lists = PriceListVersion.objects.filter(service=stage.service).order_by("effective_on")
        agent = agent_of(stage.service, stage.agent, self.effective_on)
        listed = PriceListVersion.objects.in_force(stage.service, self.effective_on, agent) or lists[0]
        written = tomllib.loads(listed.source)
        written["effective_on"] = self.effective_on
        unknown = self.prices.keys() - {price["product"] for price in written["prices"]}
        if unknown:
            raise ValidationError(f"No price list knows {', '.join(sorted(unknown))}.")
        for price in written["prices"]:
            if price["product"] in self.prices:
                price.pop("tiers", None)
                price["unit_price"] = self.prices[price["product"]]
        return toml_of(written)


def _terms_on(stage: Stage, moment: Any) -> TermsVersion:
    version = version_in_force(stage.service, japan_date(moment))
    if version is None:
        raise ValidationError("No terms of the service were in force on that day.")
    return version


class Agree(Event):
    """What is agreed with this customer alone."""

    do = "agree"

    rules: dict[str, Any]
    starts_on: Day = Field(alias="from")

    def play(self, stage: Stage) -> None:
        data = AgreementData(title="個別契約", effective_on=self.starts_on, rules=toml_of(self.rules))
        signed = SignedDocument("agreement.pdf", document(f"agreement {stage.now}"))
        agree(stage.contract, stage.staff, data, signed, stage.now)


class EndService(Event):
    """The provider ends the service, or one option, after a notice that reaches the customer at once."""

    do = "end_service"

    on: Day
    notified_at: Moment
    product: str = ""

    def play(self, stage: Stage) -> None:
        with stage.at(self.notified_at):
            notice = self._told(stage)
        end_offer(notice, stage.staff, self.product, self.on, stage.now)

    def _told(self, stage: Stage) -> Notice:
        purposes = Notice.Purpose
        rules = _terms_on(stage, stage.now).policy.notices
        notice = Notice(
            service=stage.service,
            purpose=purposes.OPTION_END if self.product else purposes.SERVICE_END,
            effective_on=self.on,
            product=self.product,
            by_letter="letter" in rules.channels,
            subject=TEXT,
            body=TEXT,
        )
        sent = send_notice(draft_notice(notice, stage.staff), stage.staff, stage.now)
        arrived(stage, sent)
        return sent


def arrived(stage: Stage, notice: Notice) -> None:
    """Have a notice reach everybody now, by e-mail and by letter."""
    for mail in waiting_mails(notice):
        deliver(mail, stage.now)
    letters = notice.deliveries.filter(channel=NoticeDelivery.Channel.LETTER)
    if letters.exists():
        record_posting(notice, stage.staff, stage.now)
    for letter in letters:
        record_arrival(letter, stage.staff, stage.now)
