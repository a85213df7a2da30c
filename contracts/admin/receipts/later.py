"""What follows on paper on an application or a request: answers, documents, withdrawals."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget

from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.admin.receipts.forms import FILES, ReceiptForm
from contracts.applications.questions import answer_question
from contracts.applications.sent import may_withdraw
from contracts.applications.withdrawal import withdraw_application
from contracts.lifecycle.documents import add_for
from contracts.models import Application, ContractRequest
from contracts.receipts.received import Paper, Received
from contracts.requests.questions import answer
from contracts.requests.withdrawal import withdraw_request
from portal.organisations.models import User

Asked = Application | ContractRequest
LATER = ("enter_answer", "add_document", "enter_withdrawal")


class LaterForm(ReceiptForm):
    """How it came, with its paper."""

    paper = forms.FileField(
        label=_("Scanned paper"), required=False, widget=UnfoldAdminFileFieldWidget(attrs=FILES)
    )
    prefix = ""


class AnswerForm(LaterForm):
    answer = forms.CharField(label=_("Answer"), max_length=2000, widget=UnfoldAdminTextareaWidget)


class DocumentForm(forms.Form):
    file = forms.FileField(label=_("Document"), widget=UnfoldAdminFileFieldWidget(attrs=FILES))


def _came(staff: User, data: dict[str, Any]) -> Received:
    stated = {name: data[name] for name in ReceiptForm.base_fields}
    file = data["paper"]
    paper = Paper(file.name, file.read()) if file else None
    return Received(staff=staff, entered_at=now(), paper=paper, **stated)


def _answer(asked: Asked, staff: User, data: dict[str, Any]) -> str:
    came = _came(staff, data)
    if isinstance(asked, Application):
        answer_question(asked, staff, data["answer"], came.at, received=came)
    else:
        answer(asked, staff, data["answer"], came.at, received=came)
    return gettext("The answer is recorded.")


def _withdraw(asked: Asked, staff: User, data: dict[str, Any]) -> str:
    came = _came(staff, data)
    if isinstance(asked, Application):
        withdraw_application(asked, staff, came.at, received=came)
    else:
        withdraw_request(asked, staff, came.at, received=came)
    return gettext("The withdrawal is recorded.")


def _add(asked: Asked, staff: User, data: dict[str, Any]) -> str:
    add_for(asked, staff, data["file"].name, data["file"].read(), now())
    return gettext("The document is recorded.")


def later_offered(asked: Asked) -> tuple[str, ...]:
    """What can be entered now."""
    if isinstance(asked, Application):
        is_asked, withdrawable = asked.is_asked_back, may_withdraw(asked, now())
    else:
        is_asked = asked.status == asked.Status.ASKED_BACK
        withdrawable = asked.is_open or asked.status == asked.Status.ACCEPTED
    fits = {"enter_answer": is_asked, "add_document": asked.is_open, "enter_withdrawal": withdrawable}
    return tuple(name for name, fit in fits.items() if fit)


class LaterEntries(ReadOnlyAdmin):
    """The pages of that, for what staff decide on."""

    @action(
        description=_("Enter an answer"), url_path="enter-answer", permissions=["act"], icon="edit_document"
    )
    def enter_answer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._enter(request, object_id, _("Enter an answer"), AnswerForm, _answer)

    @action(
        description=_("Add a document on paper"),
        url_path="add-document",
        permissions=["act"],
        icon="attach_file",
    )
    def add_document(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._enter(request, object_id, _("Add a document on paper"), DocumentForm, _add)

    @action(
        description=_("Enter a withdrawal"), url_path="enter-withdrawal", permissions=["act"], icon="undo"
    )
    def enter_withdrawal(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._enter(request, object_id, _("Enter a withdrawal"), LaterForm, _withdraw)

    def _enter(
        self,
        request: HttpRequest,
        object_id: str,
        title: Any,
        form: type[forms.Form],
        act: Callable[[Asked, User, dict[str, Any]], str],
    ) -> HttpResponse:
        asked: Asked = get_object_or_404(self.get_queryset(request), pk=object_id)
        page = ActionPage(
            title=title,
            button=_("Record it"),
            form=form,
            act=lambda staff, data: act(asked, staff, data),
            facts=[(_("Reception number"), asked)],
        )
        return run_action(self, request, object_id, page)
