"""The documents that a sales agent reads: all but proofs of identity, which are for the provider."""

from io import BytesIO

from django.db.models import Q, QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404

from contracts.lifecycle.documents import content_of
from contracts.models import Application, ContractDocument, ContractRequest
from contracts.views.desk.access import DeskRequest, agents_only, own_applications, own_requests


def shown_documents(asked: Application | ContractRequest) -> QuerySet[ContractDocument]:
    """What was handed in, as far as the agent reads it."""
    named = asked.governing_version.policy.application.documents
    of_identity = [one.key for one in named if one.identity]
    documents: QuerySet[ContractDocument] = asked.documents.exclude(kind__in=of_identity)
    return documents


@agents_only
def document(request: DeskRequest, pk: int) -> FileResponse:
    """A document of an application or a request of the agent's customers."""
    theirs = Q(application__in=own_applications(request).values("pk"))
    theirs |= Q(request__in=own_requests(request).values("pk"))
    found = get_object_or_404(ContractDocument.objects.filter(theirs), pk=pk)
    asked = found.application or found.request
    get_object_or_404(shown_documents(asked), pk=pk)  # type: ignore[arg-type] # it is of one of both
    content = BytesIO(content_of(found))
    return FileResponse(content, as_attachment=True, filename=found.name, content_type=found.content_type)
