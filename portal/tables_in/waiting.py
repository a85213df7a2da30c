"""What was proposed and waits for a second person: a row that asks for it again asks for nothing."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from portal.approvals.kinds import Kind
from portal.approvals.models import Proposal
from portal.tables_in.kinds import Row


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
            row.note = _("Takes effect when a second person approves it.")
