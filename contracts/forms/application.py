"""The steps of the application for a service, built from the policy of the version in force.

Each parses what was typed; `contracts.applications.checks` decides whether it may be sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts.forms.application_fields import (
    DOCUMENT,
    PARTICULAR,
    QUANTITY,
    SAME,
    contact_fields,
    particular_field,
    quantity_field,
    values_of,
)
from contracts.forms.fields import DayField
from contracts.models import TermsVersion
from contracts.models.fields import PaymentMethod
from contracts.rules.policy.particulars import COMPANY, CONTACTS, OF_CONTACTS, OF_THE_ORDER, SENT_TO, FieldKey
from contracts.rules.policy.products import Product
from contracts.rules.policy.schema import ApplicationDocument, ApplicationField, Policy
from contracts.wording.local_text import localised
from contracts.wording.particulars import LABELS, data_statement
from contracts.wording.products import products_by_kind
from portal.organisations.fields import AddressField, CorporateNumberField, KanaField, PostalCodeField

_WANTED_START = {
    "first_of_wanted_month": _("Service starts on the first day of the month of this day."),
    "wanted_date": _("Service starts on this day, but not before the contract is formed."),
    "activation_notice": _("Your wish is passed on; the activation notice names the first day of service."),
    "formation_date": _("Service starts on the day on which the contract is formed; your wish is passed on."),
}


class StepForm(forms.Form):
    """A step of the application: `key` names it in addresses, `template` is its part of the page.

    `particulars`, `company` and `quantities` are asked once the form was cleaned.
    """

    key: ClassVar[str]
    label: ClassVar[Any]
    template: ClassVar[str]

    def __init__(
        self, terms_version: TermsVersion, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.terms_version = terms_version
        self.policy = terms_version.policy
        self.add_fields()

    @classmethod
    def belongs_to(cls, policy: Policy) -> bool:
        """Whether the policy asks for anything in this step."""
        return True

    def add_fields(self) -> None:
        """Add what the policy asks for."""

    def typed(self) -> dict[str, str | None]:
        """What was typed, by the names of the fields; None for what was not sent along."""
        return {name: self.data.get(name) for name in self.fields}

    def place_of(self, problem: str) -> str | None:
        """The field at which a problem of the operations is shown; None: it is not of this step."""
        return problem if problem in self.fields else None

    def particulars(self) -> dict[str, str]:
        """The particulars that were read, by their keys."""
        return dict(values_of(self.cleaned_data, PARTICULAR))

    def company(self) -> dict[str, str]:
        """What was read of the organisation itself, by the keys of `COMPANY`."""
        return {}

    def quantities(self) -> dict[str, int]:
        """What was read of the order, by product."""
        return {}

    def asked(self) -> Iterator[ApplicationField]:
        """The particulars that the policy wants to be asked for in this step."""
        for field in self.policy.application.fields:
            if _step_of(field.key) == self.key:
                yield field

    @property
    def has_particulars(self) -> bool:
        return any(self.asked())

    def particular_fields(self) -> Iterator[forms.BoundField]:
        for asked in self.asked():
            yield self[PARTICULAR + asked.key]


class CompanyForm(StepForm):
    """The organisation as it is, and who represents it."""

    key = "company"
    label = pgettext_lazy("step of an application", "Company")
    template = "contracts/application/company.html"

    kana = KanaField(label=_("Name in kana"), required=False, max_length=200)
    corporate_number = CorporateNumberField()
    postal_code = PostalCodeField()
    address = AddressField()

    def add_fields(self) -> None:
        sellers = self.terms_version.sellers
        if sellers:
            self.fields["agent"] = forms.ChoiceField(
                label=_("Sales agent"),
                choices=[(agent.key, agent.name) for agent in sellers],
                initial=sellers[0].key,
                help_text=_agent_help(self.terms_version),
            )
        for asked in self.asked():
            self.fields[PARTICULAR + asked.key] = particular_field(asked)

    def asked(self) -> Iterator[ApplicationField]:
        """A sales agent is asked for in words only where none can be chosen."""
        chosen = "agent" in self.fields
        yield from (field for field in super().asked() if not (chosen and field.key == "sales_agent"))

    def company(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in COMPANY if self.cleaned_data.get(key)}


class ContactsForm(StepForm):
    """Whom to call or write to: each with name, phone and e-mail address."""

    key = "contacts"
    label = pgettext_lazy("step of an application", "Contacts")
    template = "contracts/application/contacts.html"
    first_contact: ClassVar[FieldKey] = "contract_contact"
    """Filled with what is known of the person who applies."""

    @classmethod
    def belongs_to(cls, policy: Policy) -> bool:
        return any(_step_of(field.key) == cls.key for field in policy.application.fields)

    def add_fields(self) -> None:
        for asked in self.asked():
            if asked.key in CONTACTS:
                written_to = self.policy.writes_to(asked.key)
                self.fields.update(contact_fields(asked, written_to=written_to))
            else:
                self.fields[PARTICULAR + asked.key] = particular_field(asked)
            if label := self._label_of_same(asked.key):
                self.fields[SAME + asked.key] = forms.BooleanField(label=label, required=False)
                if self._is_same(asked.key):
                    for name in self._names_of(asked.key):
                        self.fields[name].required = False

    def _label_of_same(self, key: FieldKey) -> Any:
        """What is ticked to have something as it is stated before; empty where nothing can be taken over."""
        if key == SENT_TO:
            return _("The same as the company's address")
        others = {asked.key for asked in self.asked()} - {key}
        is_other = key in CONTACTS and key != self.first_contact and self.first_contact in others
        return _("The same as the contact for the contract") if is_other else ""

    def _is_same(self, key: FieldKey) -> bool:
        return SAME + key in self.fields and bool(self.data.get(SAME + key))

    def _names_of(self, key: FieldKey) -> list[str]:
        return [name for name in self.fields if name.startswith(PARTICULAR + key)]

    def place_of(self, problem: str) -> str | None:
        return super().place_of(problem) or super().place_of(f"{problem}_name")

    def groups(self) -> Iterator[tuple[Any, ApplicationField, Sequence[forms.BoundField]]]:
        """The label of each particular, whether it must be given, and its fields."""
        for asked in self.asked():
            yield LABELS[asked.key], asked, [self[name] for name in self._names_of(asked.key)]

    def groups_with_same(
        self,
    ) -> Iterator[tuple[Any, ApplicationField, Sequence[forms.BoundField], forms.BoundField | None]]:
        """The same groups, each with what is ticked to take over what is stated before."""
        for label, asked, fields in self.groups():
            name = SAME + asked.key
            yield label, asked, fields, self[name] if name in self.fields else None

    def particulars(self) -> dict[str, str]:
        return {
            asked.key: " / ".join(self.cleaned_data[bound.name] for bound in fields if self._given(bound))
            for _label, asked, fields in self.groups()
        }

    def _given(self, bound: forms.BoundField) -> bool:
        return bool(self.cleaned_data.get(bound.name))

    def clean(self) -> dict[str, Any]:
        """A contact that need not be named is named wholly, or not at all."""
        cleaned = super().clean() or {}
        for asked in self.asked():
            if self._is_same(asked.key):
                self._take_over(asked, cleaned)
        for _label, asked, fields in self.groups():
            if asked.key in CONTACTS and not asked.required and any(map(self._given, fields)):
                for bound in fields if self.policy.writes_to(asked.key) else fields[:2]:
                    if not cleaned.get(bound.name) and bound.name not in self.errors:
                        self.add_error(bound.name, _("Enter this, or leave the whole contact empty."))
        return cleaned

    def _take_over(self, asked: ApplicationField, cleaned: dict[str, Any]) -> None:
        """State what was ticked to be the same; whatever else was typed there doesn't count."""
        for name in self._names_of(asked.key):
            self.errors.pop(name, None)
        if asked.key == SENT_TO:
            cleaned[PARTICULAR + asked.key] = self._address_of_company()
            return
        for part in ("name", "phone", "email"):
            own, first = f"{PARTICULAR}{asked.key}_{part}", f"{PARTICULAR}{self.first_contact}_{part}"
            cleaned[own] = cleaned.get(first, "")
        needs_address = asked.required and self.policy.writes_to(asked.key)
        if needs_address and not cleaned[own] and first not in self.errors:
            self.add_error(first, _("Enter this; the contact below that is the same gets our e-mails."))

    def _address_of_company(self) -> str:
        """The address of the step on the company, in one line; empty while that is not right."""
        try:
            code = PostalCodeField().clean(self.data.get("postal_code"))
            return f"〒{code} {AddressField().clean(self.data.get('address'))}"
        except ValidationError:
            return ""


class ProductsForm(StepForm):
    """What is ordered, from when, and how it is paid."""

    key = "products"
    label = pgettext_lazy("step of an application", "Products and start")
    template = "contracts/application/products.html"

    def add_fields(self) -> None:
        for product in self.policy.products:
            if product.orderable:
                self.fields[QUANTITY + product.key] = quantity_field(product)
        for asked in self.asked():
            self.fields[PARTICULAR + asked.key] = particular_field(asked)
        methods = self.policy.application.payment_methods
        self.fields["wanted_start_on"] = DayField(
            label=_("Wanted start"),
            required=False,
            help_text=_WANTED_START[self.policy.formation.service_start.rule],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        )
        self.fields["payment_method"] = forms.ChoiceField(
            label=_("Payment method"),
            choices=[(value, label) for value, label in PaymentMethod.choices if value in methods],
            initial=methods[0],
            widget=forms.RadioSelect,
        )

    def place_of(self, problem: str) -> str | None:
        return NON_FIELD_ERRORS if problem == NON_FIELD_ERRORS else super().place_of(problem)

    def product_groups(self) -> Iterator[tuple[object, Sequence[tuple[Product, forms.BoundField]]]]:
        """The products that can be ordered, by kind, each with its field."""
        for label, products in products_by_kind(self.policy):
            group = [(product, self[QUANTITY + product.key]) for product in products if product.orderable]
            if group:
                yield label, group

    def quantities(self) -> dict[str, int]:
        return dict(values_of(self.cleaned_data, QUANTITY))


class DocumentsForm(StepForm):
    """Documents that come along. They are kept with the draft as they are sent, one by one."""

    key = "documents"
    label = pgettext_lazy("step of an application", "Documents")
    template = "contracts/application/documents.html"

    @classmethod
    def belongs_to(cls, policy: Policy) -> bool:
        return bool(policy.application.documents)

    def add_fields(self) -> None:
        for document in self.policy.application.documents:
            self.fields[DOCUMENT + document.key] = forms.FileField(
                label=localised(document.name),
                required=False,
                widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
            )

    def typed(self) -> dict[str, str | None]:
        return {}

    def groups(self) -> Iterator[tuple[ApplicationDocument, forms.BoundField]]:
        """Each document that the policy names, with its field."""
        for document in self.policy.application.documents:
            yield document, self[DOCUMENT + document.key]


class ConsentForm(StepForm):
    """Consent to the version that the page showed, which is named by `version`."""

    key = "consent"
    label = pgettext_lazy("step of an application", "Consent")
    template = "contracts/application/consent.html"

    version = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self, terms_version: TermsVersion, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        initial = _for_version(terms_version, kwargs.pop("initial", None))
        super().__init__(terms_version, _for_version(terms_version, data), initial=initial, **kwargs)

    @property
    def data_statement(self) -> str:
        """What the consent covers beside the terms, where a sales agent gets data."""
        return data_statement(self.terms_version)

    def add_fields(self) -> None:
        shown = {"version": self.terms_version.name}
        plain = _("We have read version %(version)s of the terms and agree to it.")
        with_data = _(
            "We have read version %(version)s of the terms and agree to it, and to what is said of the data"
            " that pass to the sales agent."
        )
        self.fields["version"].initial = self.terms_version.name
        self.fields["consent"] = forms.BooleanField(
            label=(with_data if self.data_statement else plain) % shown,
            error_messages={
                "required": _("Please read version %(version)s of the terms and agree to it.") % shown
            },
        )


def _agent_help(version: TermsVersion) -> str:
    said = _("With whom you make the contract. Fees, terms and deadlines follow its rules.")
    return f"{said} {data_statement(version)}".strip()


STEPS: tuple[type[StepForm], ...] = (CompanyForm, ContactsForm, ProductsForm, DocumentsForm, ConsentForm)


def steps_of(policy: Policy) -> list[type[StepForm]]:
    """The steps of applications under a policy, in their order."""
    return [step for step in STEPS if step.belongs_to(policy)]


def _step_of(key: FieldKey) -> str:
    if key in OF_CONTACTS:
        return ContactsForm.key
    return ProductsForm.key if key in OF_THE_ORDER else CompanyForm.key


def _for_version(terms_version: TermsVersion, data: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """What was typed, without consent where the page showed another version than the one in force now."""
    if data is None or data.get("version") == terms_version.name:
        return data
    kept = {name: value for name, value in data.items() if name != "consent"}
    return {**kept, "version": terms_version.name}
