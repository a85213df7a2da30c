"""How organisations and their people are found."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext

from portal.organisations.models import Membership, Organisation
from portal.search import written
from portal.search.kinds import Hit, Kind, page_of


class Organisations(Kind):
    """By name, reading, telephone and corporate number, and by the address for invoices."""

    key = "organisation"
    model = "organisations.organisation"

    def rows(self) -> QuerySet[Organisation]:
        return Organisation.objects.all()

    def beginnings(self, thing: Organisation) -> Iterator[str]:
        yield from written.name(thing.name)
        yield from written.name(thing.kana)
        yield from written.number(thing.phone)
        yield from written.address(thing.invoice_email)
        yield thing.corporate_number
        if thing.corporate_number:
            yield f"t{thing.corporate_number}"  # as on invoices (適格請求書)

    def organisation(self, thing: Organisation) -> int:
        return thing.standing_id

    def shown(self) -> QuerySet[Organisation]:
        return Organisation.objects.select_related("united_into")

    def hit(self, thing: Organisation) -> Hit:
        into = thing.united_into
        united = gettext("United into %(name)s") % {"name": into} if into else ""
        facts = (thing.kana, thing.corporate_number, thing.phone, thing.address)
        return Hit(thing.name, facts, page_of(thing), united)


class People(Kind):
    """Members of organisations, by name and e-mail address."""

    key = "person"
    model = "organisations.membership"

    @property
    def label(self) -> str:
        return gettext("People of organisations")

    @property
    def seen_with(self) -> str:
        return "organisations.organisation"

    def rows(self) -> QuerySet[Membership]:
        return Membership.objects.select_related("user", "organisation")

    def beginnings(self, thing: Membership) -> Iterator[str]:
        yield from written.name(thing.user.display_name)
        yield from written.address(thing.user.email)

    def organisation(self, thing: Membership) -> int:
        return thing.organisation.standing_id

    def shown(self) -> QuerySet[Membership]:
        return self.rows()

    def hit(self, thing: Membership) -> Hit:
        facts = (thing.user.email, thing.organisation.name, thing.get_role_display())
        return Hit(str(thing.user), facts, page_of(thing.organisation))


KINDS: tuple[Kind, ...] = (Organisations(), People())
