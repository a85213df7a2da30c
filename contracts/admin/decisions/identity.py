"""The proof of an applicant's identity: what staff enter when they demand it, and when they saw it."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from contracts.admin.html import lines
from contracts.applications.identity import identity_of, identity_rule
from contracts.forms.fields import DayField
from contracts.models import Application, IdentityCheck
from contracts.wording.formats import day_text, moment_text


class DemandForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        widget=UnfoldAdminTextareaWidget,
        help_text=_("Why this application takes it; the applicant reads it."),
    )


class SeenForm(forms.Form):
    how = forms.ChoiceField(
        label=pgettext_lazy("proof of identity", "How"),
        choices=IdentityCheck.How.choices,
        widget=UnfoldAdminSelectWidget,
    )
    document = forms.ChoiceField(
        label=_("Document"), choices=IdentityCheck.Document.choices, widget=UnfoldAdminSelectWidget
    )
    person = forms.CharField(label=_("Person identified"), max_length=100, widget=UnfoldAdminTextInputWidget)
    seen_on = DayField(label=_("Seen on"), widget=UnfoldAdminSingleDateWidget)


def offered_for(application: Application) -> Iterator[str]:
    """The actions on an undecided application whose terms let an identity be proved."""
    if identity_rule(application) is None:
        return
    proof = identity_of(application)
    if proof is None:
        yield "demand_identity"
    if proof is None or proof.seen_on is None:
        yield "record_identity"


def identity_text(application: Application) -> Any:
    """What was demanded and seen."""
    proof = identity_of(application)
    if proof is None:
        return "—"
    return lines(_said(proof))


def _said(proof: IdentityCheck) -> Iterator[str]:
    if proof.demanded_at:
        facts = {"at": moment_text(proof.demanded_at), "by": proof.demanded_by, "reason": proof.reason}
        yield gettext("Demanded at %(at)s by %(by)s: %(reason)s") % facts
    if proof.seen_on is None:
        yield gettext("Not seen yet")
        return
    facts = {
        "day": day_text(proof.seen_on),
        "by": proof.seen_by,
        "person": proof.person,
        "how": proof.get_how_display(),
        "document": proof.get_document_display(),
    }
    yield gettext("Seen on %(day)s by %(by)s: %(person)s, %(document)s, %(how)s") % facts
