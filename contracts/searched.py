"""How contracts, applications, requests and letters are found: each by its number, or a part of it."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext

from contracts.extensions.kinds import kind_label
from contracts.models import Application, Contract, ContractRequest, Inquiry, IssuedLetter
from contracts.rules.calendar.period import japan_date
from contracts.wording.formats import day_text
from portal.search import written
from portal.search.kinds import Hit, Kind, page_of


class Numbered(Kind):
    """What has a number, and belongs to an organisation."""

    def beginnings(self, thing: Any) -> Iterator[str]:
        yield from written.number(thing.number)

    def organisation(self, thing: Any) -> int:
        return int(thing.organisation.standing_id)


class Contracts(Numbered):
    """Also by the number that an old system gave; those that were annulled are marked."""

    key = "contract"
    model = "contracts.contract"

    def rows(self) -> QuerySet[Contract]:
        return Contract.everything.select_related("organisation", "takeover_row")

    def beginnings(self, thing: Contract) -> Iterator[str]:
        yield from super().beginnings(thing)
        if hasattr(thing, "takeover_row"):
            yield from written.number(thing.takeover_row.old_number)

    def shown(self) -> QuerySet[Contract]:
        found = Contract.everything.select_related("organisation", "service", "takeover_row")
        return found.prefetch_related("items", "suspensions")

    def hit(self, thing: Contract) -> Hit:
        state = gettext("Annulled") if thing.annulled_at else str(thing.state_on(localdate()).label)
        starts_on, ends_on = thing.service_starts_on, thing.ends_on
        facts = (
            thing.organisation.name,
            str(thing.service),
            gettext("From %(day)s") % {"day": day_text(starts_on)} if starts_on else "",
            gettext("Until %(day)s") % {"day": day_text(ends_on)} if ends_on else "",
            thing.takeover_row.old_number if hasattr(thing, "takeover_row") else "",
        )
        return Hit(thing.number, facts, page_of(thing), state)


class Applications(Numbered):
    key = "application"
    model = "contracts.application"

    def rows(self) -> QuerySet[Application]:
        return Application.objects.select_related("organisation")

    def shown(self) -> QuerySet[Application]:
        return Application.objects.select_related("organisation", "service")

    def hit(self, thing: Application) -> Hit:
        facts = (thing.organisation.name, str(thing.service), day_text(japan_date(thing.submitted_at)))
        return Hit(thing.number, facts, page_of(thing), str(thing.get_status_display()))


class Requests(Numbered):
    key = "request"
    model = "contracts.contractrequest"

    def organisation(self, thing: ContractRequest) -> int:
        return thing.contract.organisation.standing_id

    def rows(self) -> QuerySet[ContractRequest]:
        return ContractRequest.objects.select_related("contract__organisation")

    def shown(self) -> QuerySet[ContractRequest]:
        return ContractRequest.objects.select_related("contract__organisation", "contract__service")

    def hit(self, thing: ContractRequest) -> Hit:
        facts = (
            kind_label(thing.kind),
            thing.contract.organisation.name,
            str(thing.contract.service),
            thing.contract.number,
            day_text(japan_date(thing.submitted_at)),
        )
        return Hit(thing.number, facts, page_of(thing), str(thing.get_status_display()))


class Letters(Numbered):
    key = "letter"
    model = "contracts.issuedletter"

    def rows(self) -> QuerySet[IssuedLetter]:
        return IssuedLetter.objects.select_related("organisation").only("number", "organisation__united_into")

    def shown(self) -> QuerySet[IssuedLetter]:
        return IssuedLetter.objects.select_related("organisation")

    def hit(self, thing: IssuedLetter) -> Hit:
        facts = (thing.title, thing.organisation.name, day_text(japan_date(thing.issued_at)))
        return Hit(thing.number, facts, page_of(thing))


class Inquiries(Numbered):
    key = "inquiry"
    model = "contracts.inquiry"

    def rows(self) -> QuerySet[Inquiry]:
        return Inquiry.objects.select_related("organisation")

    def shown(self) -> QuerySet[Inquiry]:
        return Inquiry.objects.select_related("organisation")

    def hit(self, thing: Inquiry) -> Hit:
        facts = (thing.subject, thing.organisation.name, day_text(japan_date(thing.asked_at)))
        return Hit(thing.number, facts, page_of(thing), str(thing.get_status_display()))


KINDS: tuple[Kind, ...] = (Contracts(), Applications(), Requests(), Inquiries(), Letters())
