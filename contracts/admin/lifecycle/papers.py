"""Papers on both sides: the letters that the provider issued, and the documents that customers handed in."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from contracts.admin.files import download
from contracts.admin.forms import ConfirmForm
from contracts.admin.html import document_link, lines, link, target_link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.correspondence.letters import pdf_of
from contracts.correspondence.resending import send_letter_again
from contracts.correspondence.sending import people_of
from contracts.lifecycle.documents import content_of
from contracts.models import ContractDocument, IssuedLetter
from portal.organisations.models import User


@admin.register(IssuedLetter)
class IssuedLetterAdmin(ReadOnlyAdmin):
    list_display = ("number", "kind", "organisation", "contract", "issued_at")
    list_filter = ("kind",)
    list_select_related = ("organisation", "contract")
    search_fields = (
        "number",
        "organisation__name",
        "contract__number",
        "application__number",
        "request__number",
    )
    date_hierarchy = "issued_at"
    fieldsets = (
        (None, {"fields": ("number", "kind", "organisation", "shown_about", "issued_at", "shown_pdf")}),
        (_("What it states"), {"fields": ("shown_content",)}),
    )
    actions_detail = ("resend",)

    class Media:
        css = {"all": ("css/staff-work.css",)}

    def get_urls(self) -> list[URLPattern]:
        own = path("<int:pk>/pdf/", self.admin_site.admin_view(self.pdf), name="contracts_issuedletter_pdf")
        return [own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[IssuedLetter]:
        letters = super().get_queryset(request)
        return letters.select_related("organisation", "contract", "application", "request")

    def offered(self, obj: IssuedLetter) -> tuple[str, ...]:
        return ("resend",)

    @display(description=_("About"))
    def shown_about(self, obj: IssuedLetter) -> str:
        return lines(target_link(one) for one in (obj.application, obj.contract, obj.request) if one)

    @display(description=_("PDF"))
    def shown_pdf(self, obj: IssuedLetter) -> str:
        return link(reverse("admin:contracts_issuedletter_pdf", args=[obj.pk]), obj.file_name)

    @display(description=_("What it states"))
    def shown_content(self, obj: IssuedLetter) -> str:
        return render_to_string("admin/contracts/_letter.html", {"letter": obj.document})

    def pdf(self, request: HttpRequest, pk: int) -> FileResponse:
        """The letter's PDF, for staff who may see letters."""
        letter = get_object_or_404(IssuedLetter, pk=pk)
        if not self.has_view_permission(request, letter):
            raise PermissionDenied
        return download(pdf_of(letter), letter.file_name, "application/pdf")

    @action(
        description=_("Send it again"),
        url_path="resend",
        permissions=["act"],
        icon="forward_to_inbox",
        variant=ActionVariant.PRIMARY,
    )
    def resend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        letter = get_object_or_404(self.get_queryset(request), pk=object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            send_letter_again(letter, staff, now())
            return gettext("%(number)s is being sent again.") % {"number": letter.number}

        page = ActionPage(
            title=_("Send it again"),
            button=_("Send"),
            form=ConfirmForm,
            act=act,
            facts=[
                (_("Number"), letter.number),
                (_("Kind"), letter.title),
                (_("Organisation"), letter.organisation),
                (_("Sent to"), lines(people_of(letter.organisation, about=letter.contract))),
            ],
        )
        return run_action(self, request, object_id, page)


@admin.register(ContractDocument)
class ContractDocumentAdmin(ReadOnlyAdmin):
    list_display = ("name", "organisation", "shown_about", "shown_size", "uploaded_at")
    list_select_related = ("organisation", "application", "request", "agreement")
    search_fields = ("name", "organisation__name", "application__number", "request__number")
    date_hierarchy = "uploaded_at"
    fields = (
        "shown_file",
        "organisation",
        "shown_about",
        "content_type",
        "shown_size",
        "content_hash",
        "uploaded_by",
        "uploaded_at",
    )

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:pk>/file/", self.admin_site.admin_view(self.file), name="contracts_contractdocument_file"
        )
        return [own, *super().get_urls()]

    @display(description=_("File"))
    def shown_file(self, obj: ContractDocument) -> str:
        return document_link(obj)

    @display(description=_("About"))
    def shown_about(self, obj: ContractDocument) -> str:
        return target_link(obj.application or obj.request or obj.agreement)

    @display(description=_("Size"), ordering="size")
    def shown_size(self, obj: ContractDocument) -> str:
        return f"{max(1, round(obj.size / 1024)):,} KB"

    def file(self, request: HttpRequest, pk: int) -> FileResponse:
        """The file, for staff who may see documents: who decides on what it proves, and who audits that."""
        document = get_object_or_404(ContractDocument, pk=pk)
        if not self.has_view_permission(request, document):
            raise PermissionDenied
        return download(content_of(document), document.name, document.content_type)
