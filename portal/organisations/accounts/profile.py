"""What people say of themselves: their name, and the language that pages and e-mails speak to them in."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.organisations.models import Membership, User
from portal.search.indexing import index_of


@transaction.atomic
def change_profile(person: User, *, display_name: str | None = None, language: str | None = None) -> User:
    """Store how somebody is called, and their language; None leaves one as it is.

    What was stored with documents keeps the name of then. ValidationError, at the field, for a name that is
    empty or too long, for a language that the portal does not speak, and where staff would rename
    themselves (`staff`): who approves what must be told by whoever keeps people.
    """
    current = User.objects.select_for_update().get(pk=person.pk)
    wanted = {
        field: value
        for field, value in (("display_name", display_name), ("language", language))
        if value is not None and value != getattr(current, field)
    }
    if not wanted:
        return current
    if "display_name" in wanted:
        _ensure_name(current, wanted["display_name"])
    before = {field: getattr(current, field) for field in wanted}
    for field, value in wanted.items():
        setattr(current, field, value)
    current.clean_fields(exclude={one.name for one in User._meta.fields if one.name not in wanted})
    current.save(update_fields=list(wanted))
    index_of(Membership, user=current)
    record("user.profile_changed", current, current, personal={**wanted, "before": before})
    return current


def _ensure_name(person: User, name: str) -> None:
    if person.is_staff:
        raise ValidationError(
            {
                "display_name": ValidationError(
                    _("The names of staff are changed by who keeps people in the administration."), "staff"
                )
            }
        )
    if not name.strip():
        raise ValidationError({"display_name": ValidationError(_("Enter your name."), "required")})


@contextmanager
def in_language_of(person: User | None) -> Iterator[None]:
    """Speak the language that somebody chose; to who chose none, that which is spoken now."""
    with override((person and person.language) or get_language()):
        yield
