"""What pages share on which something is entered that takes a second person."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext

from contracts.admin.html import link
from contracts.approvals.rules import lone_providers
from portal.approvals.decide import put_forward
from portal.approvals.kinds import Kind, W, kind_of
from portal.approvals.models import Proposal
from portal.organisations.models import User
from portal.staffing.admin import keep_within

AGAIN = "again"
"""Names in an address the proposal that was sent back, and is to be proposed again."""


def proposing(
    request: HttpRequest, kind: Kind[W], wanted: Callable[[dict[str, Any]], W]
) -> Callable[[User, dict[str, Any]], SafeString | str]:
    """What an action page does: propose what its form holds, and say what became of that."""

    def act(staff: User, data: dict[str, Any]) -> SafeString | str:
        return told(put_forward(kind, wanted(data), staff, now(), follows=sent_back(request)))

    return act


def told(proposal: Proposal) -> SafeString | str:
    """What to say to who proposed something."""
    if not proposal.waits:
        return proposal.outcome
    text = gettext("It waits for the approval of a second person:")
    return format_html("{} {}", text, link(proposal_url(proposal), proposal.about))


def proposal_url(proposal: Proposal) -> str:
    return reverse("admin:approvals_proposal_change", args=[proposal.pk])


def sent_back(request: HttpRequest) -> Proposal | None:
    """The person's own proposal that the address names as sent back."""
    number = request.GET.get(AGAIN, "")
    if not number.isdecimal() or len(number) > 18:
        return None
    own = Proposal.objects.filter(proposed_by=request.user.pk, state=Proposal.State.SENT_BACK)
    return own.filter(pk=number).first()


def again_url(proposal: Proposal) -> str:
    """The page on which a proposal is entered, with what stood in it."""
    kind = kind_of(proposal)
    return f"{kind.form(kind.read(proposal))}?{AGAIN}={proposal.pk}"


def fill_in(request: HttpRequest, form: forms.Form) -> None:
    """Let fields offer what the person reaches, and begin with what the address names.

    Where that is a proposal that was sent back, they begin with what stood in it.
    """
    keep_within(request.user, form)
    form.initial.update({name: request.GET[name] for name in form.fields if name in request.GET})
    if earlier := sent_back(request):
        kind = kind_of(earlier)
        form.initial.update(kind.entered(kind.read(earlier)))


def second_person(kind: Kind[Any] | None, request: HttpRequest, *, approves: bool = False) -> dict[str, Any]:
    """What a page says of the second person, whom it asks for or whose it is, and where there is none."""
    if kind is None and not approves:
        return {}
    return {
        "proposes": kind is not None,
        "lone": lone_providers(cast(User, request.user)),
        "sent_back": sent_back(request),
    }
