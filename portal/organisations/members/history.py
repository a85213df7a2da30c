"""What the audit trail says of members and invitations."""

from django.utils.translation import gettext_lazy as _

from portal.audit.telling import Choice, Fact, Known, Many, Sentence, says
from portal.organisations.members.rights import Right

_PERSON = Known("organisations.user")
_GIVEN = (
    Fact(_("Roles"), "rights", Many(Choice(dict(Right.choices)))),
    Fact(_("Only certain contracts"), "limited_to", Many(Known("contracts.contract"))),
)

GONE = ("member.removed", "member.left")
"""The actions after which somebody is no member any more."""

MEMBERS: dict[str, Sentence] = {
    "invitation.sent": says(_("%(email)s was invited to become a member."), *_GIVEN),
    "invitation.sent_again": says(_("The invitation of %(email)s was sent again."), *_GIVEN),
    "invitation.withdrawn": says(_("The invitation of %(email)s was withdrawn.")),
    "invitation.accepted": says(
        _("%(person)s accepted an invitation, and is a member."), *_GIVEN, person=_PERSON
    ),
    "member.added": says(_("%(person)s was added to the members by staff."), *_GIVEN, person=_PERSON),
    "member.changed": says(_("The roles of %(person)s were changed."), *_GIVEN, person=_PERSON),
    "member.handed_over": says(_("%(person)s was made the owner in place of another."), person=_PERSON),
    "member.removed": says(_("%(person)s was removed from the members."), *_GIVEN, person=_PERSON),
    "member.left": says(_("%(person)s left the organisation."), *_GIVEN, person=_PERSON),
}
