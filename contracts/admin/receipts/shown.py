"""What the page of an application or a request says of how it came, and the paper that is to follow."""

from typing import Any

from django import forms
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSingleDateWidget

from contracts.admin.html import lines
from contracts.admin.pages import ActionPage
from contracts.forms.fields import DayField
from contracts.models import Application, ContractRequest, Receipt
from contracts.receipts.originals import note_original
from contracts.receipts.received import receipt_text
from contracts.wording.formats import day_text
from portal.organisations.models import User


class OriginalForm(forms.Form):
    on = DayField(label=_("Paper received on"), widget=UnfoldAdminSingleDateWidget, initial=localdate)


def receipt_of(asked: Application | ContractRequest) -> Receipt | None:
    """How something came; None for what was sent in the portal."""
    return getattr(asked, "receipt", None)


def shown_receipt(asked: Application | ContractRequest) -> str:
    """How it came, who sent and who entered it, and what is still to come."""
    receipt = receipt_of(asked)
    if receipt is None:
        return gettext("In the portal")
    told = [
        receipt_text(receipt),
        gettext("Sent by %(name)s") % {"name": receipt.sender},
        gettext("Entered by %(name)s") % {"name": receipt.entered_by},
        receipt.note,
        gettext("Why this way was taken: %(why)s") % {"why": receipt.exception} if receipt.exception else "",
        _original_text(receipt),
    ]
    return lines(one for one in told if one)


def _original_text(receipt: Receipt) -> str:
    if receipt.original_received_on:
        return gettext("The paper itself came on %(day)s.") % {"day": day_text(receipt.original_received_on)}
    return gettext("The paper itself is still to come.") if receipt.waits_for_original else ""


def original_offered(asked: Application | ContractRequest) -> tuple[str, ...]:
    """Whether it can be noted that the paper came."""
    receipt = receipt_of(asked)
    return ("note_original",) if receipt and receipt.waits_for_original else ()


def original_page(receipt: Receipt) -> ActionPage:
    """The page on which that is noted."""

    def act(staff: User, data: dict[str, Any]) -> str:
        note_original(receipt, staff, data["on"], now())
        return gettext("It is noted that the paper came.")

    return ActionPage(
        title=_("The paper itself came"),
        button=_("Record it"),
        form=OriginalForm,
        act=act,
        facts=[(_("Reception number"), receipt.asked), (_("Way of receipt"), receipt_text(receipt))],
    )
