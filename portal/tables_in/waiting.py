"""What was proposed and waits for a second person: a row that asks for it again asks for nothing."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from portal.approvals.kinds import Kind
from portal.approvals.models import Proposal
from portal.tables_in.kinds import Desk, Row


def waiting(kind: Kind[Any], provider: Any) -> list[Any]:
    """What is wanted by the proposals of a kind that wait, of a provider."""
    found = Proposal.objects.filter(
        kind=kind.key, provider=provider.code, state=Proposal.State.WAITS
    ).order_by("pk")
    return [kind.read(proposal) for proposal in found]


def refuse_as_waiting(row: Row) -> None:
    row.refuse(_("This was proposed already, and waits for the approval of a second person."))


def told(unit: Sequence[Row], proposal: Proposal) -> None:
    """Say of rows that a second person has to approve them; nothing where one person decided."""
    for row in unit:
        if proposal.waits:
            row.waits, row.note = True, _("Takes effect when a second person approves it.")


def sent_back(kind: Kind[Any], desk: Desk) -> Proposal | None:
    """The last proposal of a kind that came back to somebody, and that a table proposes again."""
    own = Proposal.objects.filter(
        kind=kind.key,
        provider=desk.provider.code,
        proposed_by=desk.staff,
        state=Proposal.State.SENT_BACK,
        followed_by__isnull=True,
    )
    return own.order_by("-pk").first()
