"""What the audit trail says of people and organisations."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import FieldDoesNotExist
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from portal.audit.books import Book, Chapter
from portal.audit.stories import Customers, Parts
from portal.audit.telling import PLAIN, Choice, Each, Fact, Given, Known, Many, Read, Sentence, Value, says
from portal.organisations.members.history import MEMBERS
from portal.organisations.members.rights import Right
from portal.organisations.models import Membership, NotificationPreference, Organisation, User

_FACTOR = Fact(
    _("Second factor"),
    "factor",
    Choice(
        {
            Authenticator.Type.TOTP.value: _("Authenticator app"),
            Authenticator.Type.RECOVERY_CODES.value: _("Recovery codes"),
            Authenticator.Type.WEBAUTHN.value: _("Passkey"),
        }
    ),
)


def _stated(values: Mapping[str, Any]) -> Iterator[Fact]:
    """What is stated of an organisation, by the names of its fields."""
    for field in Organisation._meta.fields:
        if values.get(field.name):
            yield Fact(capfirst(str(field.verbose_name)), field.name)


def _restated(values: Mapping[str, Any]) -> Iterator[Fact]:
    """What an organisation states otherwise, before and after."""
    for field in Organisation._meta.fields:
        if field.name in values:
            yield Fact(capfirst(str(field.verbose_name)), field.name)


def _changed(values: Mapping[str, Any]) -> Iterator[Fact]:
    """What staff changed in a form, as `portal.audit.changes` keeps it.

    Of what 0.1.0 kept, only which fields it were.
    """
    for change in values.get("changes") or ():
        for what, said in change.items():
            if said.get("object"):
                yield Given(_what_happened(what), what, given=(said["object"],))
            if "values" in said:
                yield from _with_values(said["values"])
            elif said.get("fields"):
                labels = [gettext(label) for label in said["fields"]]
                yield Given(_("Changed fields"), "fields", Many(), given=(labels,))


def _with_values(values: Mapping[str, Mapping[str, Any]]) -> Iterator[Fact]:
    for name, value in values.items():
        given = (value["before"], value["after"]) if "before" in value else (value["after"],)
        yield Given(_label(name), name, _value(name), given=given)


def _what_happened(what: str) -> str:
    texts = {
        "added": pgettext("a row of a form", "Added"),
        "changed": pgettext("a row of a form", "Changed"),
        "deleted": pgettext("a row of a form", "Deleted"),
    }
    return texts.get(what, what)


def _label(name: str) -> str:
    for model in (User, Organisation, Membership, Group):
        try:
            return capfirst(str(getattr(model._meta.get_field(name), "verbose_name", name)))
        except FieldDoesNotExist:
            continue
    return name


def _value(name: str) -> Value:
    return Choice(dict(Membership.Role.choices)) if name == "role" else PLAIN


def _kept(text: Any) -> Sentence:
    return Sentence(text, more=_changed)


_DAY = Read(lambda stored: date_format(date.fromisoformat(stored), "DATE_FORMAT"))
_MODEL = Read(lambda path: capfirst(str(apps.get_model(path.rpartition(".")[0])._meta.verbose_name_plural)))
_TOPICS = dict(NotificationPreference.Topic.choices)
_SINCE = Fact(_("Starts on"), "starts_on", _DAY)
_PERSON = Fact(_("Person"), "person", Known("organisations.user"))

PEOPLE: dict[str, Sentence] = {
    "user.added": _kept(_("The person was added.")),
    "user.changed": _kept(_("The person's account was changed.")),
    "user.confirmed": says(
        _("The account was confirmed by another manager."),
        Fact(_("Made by"), "created_by", Known("organisations.user")),
    ),
    "user.email_added": says(_("The e-mail address %(email)s was added to the account.")),
    "user.email_removed": says(_("The e-mail address %(email)s was removed from the account.")),
    "user.main_email_changed": says(
        _("The main e-mail address of the account was changed."),
        Fact(_("E-mail address"), "after", before="before"),
    ),
    "user.factor_added": says(_("A second factor was added to the account."), _FACTOR),
    "user.factor_removed": says(_("A second factor was removed from the account."), _FACTOR),
    "user.factor_reset": says(
        _("The lost second factor was removed; a second person had approved it."), Fact(_("Reason"), "reason")
    ),
    "user.sessions_ended": says(_("The person was signed out everywhere by staff.")),
    "user.providers_set": says(
        _("For which providers the person works was set."),
        Fact(_("Added"), "added", Many()),
        Fact(_("Removed"), "removed", Many()),
    ),
    "user.password_changed": says(_("The password was changed.")),
    "user.profile_changed": says(
        _("Name or language of the account were changed."),
        Fact(_("Your name"), "display_name"),
        Fact(_("Language"), "language", Choice(dict(settings.LANGUAGES))),
    ),
    "user.session_ended": says(_("A session on %(device)s was ended.")),
    "user.other_sessions_ended": says(_("All other sessions were ended: %(count)s.")),
    "user.closed": says(
        _("The account was closed by its person."),
        Fact(_("E-mail address"), "email"),
        Fact(_("No longer a member of"), "organisations", Many(Known("organisations.organisation"))),
    ),
    "user.password_link_sent": says(_("A link to set a password was sent to %(email)s.")),
    "group.added": _kept(_("The group was added.")),
    "group.changed": _kept(_("The group was changed.")),
}
_RIGHT = Fact(_("Roles"), "right", Choice(dict(Right.choices)))
ORGANISATIONS: dict[str, Sentence] = {
    "organisation.created": Sentence(_("The organisation was registered."), more=_stated),
    "organisation.entered": Sentence(_("The organisation was entered by staff."), more=_stated),
    "organisation.corrected": Sentence(
        _("The organisation's details were corrected by staff."), more=_restated
    ),
    "organisation.completed": Sentence(_("The organisation's details were completed."), more=_stated),
    "organisation.details_changed": Sentence(
        _("The organisation changed its details."), facts=(_SINCE,), more=_restated
    ),
    "organisation.details_began": says(
        _("Details of the organisation that were reported before began."), _SINCE
    ),
    "organisation.coming_dropped": Sentence(
        _("A coming change of the organisation's details was taken back."), facts=(_SINCE,), more=_stated
    ),
    "organisation.number_confirmed": says(
        _("The corporate number was confirmed as the organisation's own."),
        Fact(_("Corporate number"), "corporate_number"),
    ),
    "organisation.join_asked": says(
        _("Somebody asked the owners to be let in."), _PERSON, Fact(_("Message to the owners"), "message")
    ),
    "organisation.let_in": says(_("A person who had asked for it was let in as a member."), _PERSON, _RIGHT),
    "organisation.turned_away": says(_("A person who had asked for it was not let in."), _PERSON),
    "notifications.chosen": says(
        _("A person chose which e-mails they want."), Fact(_("Not wanted"), "off", Many(Choice(_TOPICS)))
    ),
    "organisation.united": says(
        _("Another organisation was united into this one."),
        Fact(_("United"), "united", Known("organisations.organisation")),
        Fact(_("What it had"), "counts", Each(_MODEL, PLAIN)),
    ),
    "organisation.added": _kept(_("The organisation was added by staff.")),
    "organisation.changed": _kept(_("The organisation's details were changed by staff.")),
    "calendar.opened": says(_("A calendar that can be subscribed to was opened.")),
    "calendar.closed": says(_("The calendar that could be subscribed to was closed.")),
}

BOOK = Book(
    app="organisations",
    chapters=(
        Chapter("organisations", _("Organisations"), ORGANISATIONS),
        Chapter("members", _("Members"), MEMBERS),
        Chapter("people", _("People and accounts"), PEOPLE),
    ),
    strands={
        "organisations.organisation": (
            Customers(),
            Parts("organisations.user", "memberships__organisation"),
        )
    },
)
