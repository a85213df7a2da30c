"""Whose role which e-mails concern, and who of these does not want them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.organisations.acting import ensure_acts_for
from portal.organisations.members.rights import Right
from portal.organisations.models import Membership, NotificationPreference, Organisation, User

Topic = NotificationPreference.Topic

TOPICS: Mapping[Right, frozenset[Topic]] = {
    Right.OWN: frozenset(Topic),
    Right.CONTRACTS: frozenset({Topic.CONTRACTS, Topic.NOTICES, Topic.REMINDERS}),
    Right.BILLING: frozenset({Topic.BILLING, Topic.NOTICES}),
    Right.SALES: frozenset({Topic.NOTICES}),
    Right.READ: frozenset({Topic.NOTICES}),
}
"""The classes of e-mails that concern who was given a right."""

DEMANDED = frozenset({Topic.CONTRACTS, Topic.BILLING, Topic.NOTICES})
"""What terms let providers tell a customer: somebody gets it, whatever people want."""

Unwanted = Collection[tuple[int, int, str]]
"""Who does not want what: primary keys of person and organisation, and the topic."""


def topics_of(membership: Membership) -> list[Topic]:
    """The classes of e-mails that concern a member, in their order."""
    concerning = frozenset().union(*(TOPICS[right] for right in membership.rights))
    return [topic for topic in Topic if topic in concerning]


def people_for(organisation: Organisation, topic: Topic, contract: int | None = None) -> list[User]:
    """Who gets e-mails of a class about an organisation, who joined first at the front.

    Of one that was united into another, that one's people. `contract` is the primary key of the contract that
    the e-mail is about: who is limited to certain ones gets nothing about others, nor about none.
    """
    members = list(
        Membership.objects.acting()
        .filter(organisation=organisation.standing_id)
        .select_related("user")
        .order_by("pk")
    )
    seeing = [one for one in members if one.sees(contract)]
    return chosen(seeing, topic, unwanted([organisation.standing_id]))


def chosen(members: Iterable[Membership], topic: Topic, unwanted: Unwanted) -> list[User]:
    """Whom of some members of one organisation e-mails of a class go to: the concerned who want them.

    What terms demand goes to all who are concerned where none of them wants it; where nobody is concerned,
    to the owners, and without any to all. Who can't sign in any more gets nothing while anybody else can.
    """
    all_of_them = list(members)
    found = [one for one in all_of_them if one.user.is_active] or all_of_them
    concerned = [one for one in found if topic in topics_of(one)]
    wanting = [one for one in concerned if (one.user_id, one.organisation_id, topic) not in unwanted]
    if wanting or topic not in DEMANDED:
        return [one.user for one in wanting]
    owners = [one for one in found if one.role == Membership.Role.OWNER]
    return [one.user for one in concerned or owners or found]


def unwanted(organisations: Iterable[int]) -> Unwanted:
    """What people of some organisations, by primary keys, do not want."""
    stored = NotificationPreference.objects.filter(organisation__in=organisations)
    return frozenset(stored.values_list("person", "organisation", "topic"))


def last_for(person: User, organisation: Organisation) -> list[Topic]:
    """What terms demand, and nobody else of an organisation would get by e-mail."""
    members = Membership.objects.acting().filter(organisation=organisation).select_related("user")
    others = [one for one in members.exclude(user=person) if one.user.is_active and not one.is_limited]
    refused = unwanted([organisation.pk])
    return [
        topic
        for topic in Topic
        if topic in DEMANDED
        and not any(
            topic in topics_of(one) and (one.user_id, organisation.pk, topic) not in refused for one in others
        )
    ]


@transaction.atomic
def choose_mails(person: User, organisation: Organisation, wanted: Collection[str], at: datetime) -> None:
    """Store which classes of e-mails about an organisation a person wants, of those that concern them.

    ValidationError by the name of the class (code `last`) where terms demand that the customer is told and
    nobody else would get it, and for who does not act for the organisation (`not_acting`).
    """
    ensure_acts_for(person, organisation, Right.READ)
    current = Organisation.objects.select_for_update().get(pk=organisation.pk)
    membership = Membership.objects.get(user=person, organisation=current)
    off = [topic for topic in topics_of(membership) if topic not in wanted]
    if kept := set(off) & set(last_for(person, current)):
        text = _("Nobody else of your organisation gets these e-mails, and the terms demand them.")
        raise ValidationError({topic.value: ValidationError(text, code="last") for topic in kept})
    before = NotificationPreference.objects.filter(person=person, organisation=current)
    if set(before.values_list("topic", flat=True)) == set(off):
        return
    before.delete()
    NotificationPreference.objects.bulk_create(
        NotificationPreference(person=person, organisation=current, topic=topic) for topic in off
    )
    record("notifications.chosen", person, current, off=[topic.value for topic in off], at=at)
