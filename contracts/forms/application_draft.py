"""A draft of an application, read as a whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from contracts.applications.checks import ApplicationData, check_application
from contracts.forms.application import StepForm, steps_of
from contracts.forms.problems import add_problems
from contracts.models import ApplicationDraft, DraftDocument, Service, TermsVersion


class DraftReading:
    """All steps of a draft under the version in force, with what is wrong in each of them."""

    def __init__(
        self, service: Service, version: TermsVersion, draft: ApplicationDraft, at: datetime
    ) -> None:
        self.draft = draft
        self.documents: Sequence[DraftDocument] = list(draft.documents.all())
        self.forms: dict[str, StepForm] = {
            step.key: step(version, draft.fields) for step in steps_of(version.policy)
        }
        for form in self.forms.values():
            form.full_clean()
        self.data = self._data(version)
        try:
            check_application(service, self.data, at)
        except ValidationError as error:
            for form in self.forms.values():
                add_problems(form, error, form.place_of)

    @property
    def first_wrong(self) -> StepForm | None:
        """The first step that is not complete yet."""
        return next((form for form in self.forms.values() if form.errors), None)

    def _data(self, version: TermsVersion) -> ApplicationData:
        """What was typed, for the operations; what could not be read is left out."""
        read: dict[str, Any] = {}
        company: dict[str, str] = {}
        particulars: dict[str, str] = {}
        quantities: dict[str, int] = {}
        for form in self.forms.values():
            read |= form.cleaned_data
            company |= form.company()
            particulars |= form.particulars()
            quantities |= form.quantities()
        return ApplicationData(
            version=version.name,
            quantities=quantities,
            particulars={key: text for key, text in particulars.items() if text},
            company=company,
            payment_method=read.get("payment_method", ""),
            consent=read.get("consent", False),
            wanted_start_on=read.get("wanted_start_on"),
            agent=read.get("agent", ""),
            documents=tuple(sorted({document.kind for document in self.documents})),
        )
