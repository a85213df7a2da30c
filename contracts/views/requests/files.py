"""Files about contracts, for the two sides alone: documents that were handed in, and letters."""

from io import BytesIO

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404

from contracts.correspondence.letters import pdf_of
from contracts.lifecycle.documents import content_of
from contracts.models import ContractDocument, IssuedLetter
from portal.organisations.access import may_see


@login_required
def document(request: HttpRequest, pk: int) -> FileResponse:
    """A document for the organisation that handed it in or signed it, and for staff who may see documents."""
    found = get_object_or_404(ContractDocument, pk=pk)
    if not may_see(request, found.owner_id, "contracts.view_contractdocument", found, found.contract_pk):
        raise Http404
    content = BytesIO(content_of(found))
    return FileResponse(content, as_attachment=True, filename=found.name, content_type=found.content_type)


@login_required
def letter(request: HttpRequest, number: str) -> FileResponse:
    """A letter's PDF for the organisation that it went to, and for staff who may see letters."""
    found = get_object_or_404(IssuedLetter, number=number)
    if not may_see(request, found.organisation_id, "contracts.view_issuedletter", found, found.contract_pk):
        raise Http404
    content = BytesIO(pdf_of(found))
    return FileResponse(content, as_attachment=True, filename=found.file_name, content_type="application/pdf")
