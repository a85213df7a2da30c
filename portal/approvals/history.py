"""What the audit trail says of proposals, and of who may do without a second person."""

from typing import cast

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.approvals.kinds import kinds, visible_kinds
from portal.approvals.models import Proposal
from portal.audit.books import Book, Chapter
from portal.audit.telling import Choice, Fact, Known, Sentence, says
from portal.organisations.models import User


def _labels() -> dict[str, object]:
    return {kind.key: kind.label for kind in kinds()}


def _proposal(text: object) -> Sentence:
    return says(
        text,
        Fact(_("Proposed by"), "proposed_by", Known("organisations.user")),
        Fact(_("Without a second person"), "without_second", Choice(dict(Proposal.Without.choices))),
        Fact(_("Comment"), "comment"),
        kind=Choice(_labels),
    )


def _readable(request: HttpRequest) -> Q:
    """What is told of proposals that somebody may see."""
    staff = cast(User, request.user)
    return Q(data__kind__in=visible_kinds(staff)) | Q(data__proposed_by=staff.pk)


BOOK = Book(
    app="approvals",
    readable={"approvals.proposal": _readable},
    chapters=(
        Chapter(
            "approvals",
            _("Approvals"),
            {
                "proposal.made": _proposal(_("“%(kind)s” was proposed.")),
                "proposal.decided_alone": _proposal(_("“%(kind)s” was decided by one person.")),
                "proposal.approved": _proposal(_("“%(kind)s” was approved and carried out.")),
                "proposal.sent_back": _proposal(_("“%(kind)s” was sent back.")),
                "proposal.withdrawn": _proposal(_("“%(kind)s” was withdrawn.")),
                "proposal.overtaken": _proposal(
                    _("“%(kind)s” was overtaken: there was nothing left to decide.")
                ),
                "proposal.glass_broken": _proposal(
                    _("“%(kind)s” was carried out on the server, without the approval of a second person.")
                ),
                "second_person.rule_set": says(
                    _("Where one person decides was set for %(provider)s."),
                    Fact(_("One person decides"), "alone"),
                    Fact(_("Amounts up to which one person decides"), "amounts"),
                    Fact(_("Reason"), "reason"),
                ),
            },
        ),
    ),
)
