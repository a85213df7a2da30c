"""What is typed of how something came beside the portal, of a new customer, and of the papers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.forms.application_fields import DOCUMENT
from contracts.forms.fields import ensure_countable
from contracts.models import Receipt
from contracts.receipts.received import Paper, Received
from contracts.rules.policy.schema import Policy
from contracts.wording.local_text import localised
from portal.organisations.fields import PhoneField, WrittenField
from portal.organisations.models import User
from portal.organisations.operations import OrganisationDetails

FILES = {"accept": ".pdf,.png,.jpg,.jpeg"}
"""What a browser offers to choose."""


class ReceiptForm(forms.Form):
    """How something came, and when; what is asked only in some cases shows where it is one of them."""

    channel = forms.ChoiceField(
        label=_("Way of receipt"),
        choices=Receipt.Channel.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it was received.")},
    )
    at = forms.SplitDateTimeField(
        label=_("Received at"),
        widget=forms.SplitDateTimeWidget(
            date_attrs={"type": "date"},
            time_attrs={"type": "time"},
            date_format="%Y-%m-%d",
            time_format="%H:%M",
        ),
        validators=[ensure_countable],
        help_text=_(
            "Japan time, as the fax, the stamp of receipt or the e-mail says. Deadlines count from it."
        ),
        error_messages={"required": _("Enter the day and the time of receipt.")},
    )
    long_ago = forms.BooleanField(label=_("Yes, this moment is right"), required=False)
    sender = WrittenField(
        label=_("Sent by"),
        max_length=200,
        help_text=_("Who signed the paper, or called."),
        error_messages={"required": _("Enter who sent it, or called.")},
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("By telephone: what was said. The customer reads it."),
    )
    exception = forms.CharField(
        label=_("Why this way was taken"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    prefix = "receipt"
    _ASKED_AT_NEED: ClassVar = ("long_ago", "exception")

    def shown(self) -> Iterator[forms.BoundField]:
        """The fields to show: some are asked for only once something stands against what was typed."""
        for field in self:
            if field.name not in self._ASKED_AT_NEED or field.errors or field.value():
                yield field

    def received(
        self, person: User, entered_at: datetime, paper: Paper | None = None, proofs: tuple[Paper, ...] = ()
    ) -> Received:
        """What was typed, for the operations; only of a valid form."""
        stated = {name: self.cleaned_data[name] for name in ReceiptForm.base_fields}
        return Received(staff=person, entered_at=entered_at, paper=paper, proofs=proofs, **stated)


class RequestBeginning(ReceiptForm):
    """The same for a request: what is asked for, of the kinds that are offered, comes first."""

    kind = forms.ChoiceField(label=_("What is asked for"), error_messages={"required": _("Choose one.")})
    field_order = ("kind", "channel", "at", "long_ago", "sender", "note", "exception")

    def __init__(self, kinds: Sequence[tuple[str, Any]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["kind"]).choices = [("", "—"), *kinds]


class CustomerForm(forms.Form):
    """What the paper states of a new customer, beside what the application asks of each."""

    prefix = "customer"

    name = WrittenField(label=_("Organisation's name"), max_length=200)
    organisation_phone = PhoneField(label=_("Phone"))
    invoice_email = forms.EmailField(
        label=_("E-mail address for invoices"),
        required=False,
        help_text=_("Left empty, invoices and letters go out by post."),
    )

    def __init__(self, posted: Any, *, with_phone: bool) -> None:
        super().__init__(posted)
        if not with_phone:
            del self.fields["organisation_phone"]
        for field in self.fields.values():
            field.error_messages["required"] = gettext("Enter this.")

    def details(self, company: Mapping[str, str], phone: str) -> OrganisationDetails:
        """With what the application's own steps say; `phone` counts where none is asked for here."""
        return OrganisationDetails(
            name=self.cleaned_data["name"],
            phone=self.cleaned_data.get("organisation_phone") or phone,
            invoice_email=self.cleaned_data["invoice_email"],
            kana=company.get("kana", ""),
            corporate_number=company.get("corporate_number", ""),
            postal_code=company.get("postal_code", ""),
            address=company.get("address", ""),
        )


class PapersForm(forms.Form):
    """The scanned paper, and what came with it."""

    paper = forms.FileField(
        label=_("Scanned paper"),
        required=False,
        help_text=_("PDF, PNG or JPEG, up to 10 MB; of an e-mail, its PDF. By telephone there is none."),
        widget=forms.FileInput(attrs=FILES),
    )
    proof = forms.FileField(
        label=_("Document that proves it"),
        required=False,
        help_text=_("Where one came with it."),
        widget=forms.FileInput(attrs=FILES),
    )

    def papers(self) -> tuple[Paper | None, tuple[Paper, ...]]:
        """The paper, and the others; only of a valid form."""
        found = {name: file for name, file in self.cleaned_data.items() if file}
        paper = found.pop("paper", None)
        others = (Paper(file.name, file.read(), self.kind_of(name)) for name, file in found.items())
        return Paper(paper.name, paper.read()) if paper else None, tuple(others)

    def kind_of(self, name: str) -> str:
        """The key of the document in the policy that is in a field; empty for none of those."""
        return ""


class ApplicationPapers(PapersForm):
    """The scanned paper, and the documents that the policy asks for."""

    def __init__(self, policy: Policy, *args: Any) -> None:
        super().__init__(*args)
        del self.fields["proof"]
        for document in policy.application.documents:
            self.fields[DOCUMENT + document.key] = forms.FileField(
                label=localised(document.name), required=False, widget=forms.FileInput(attrs=FILES)
            )

    def kind_of(self, name: str) -> str:
        return name.removeprefix(DOCUMENT)
