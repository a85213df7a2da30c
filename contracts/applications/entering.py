"""Applications that staff, or a sales agent, enter from a paper, of customers known and new."""

from uuid import UUID

from django.db import transaction

from contracts.applications.checks import ApplicationData, seller_named
from contracts.applications.decide import submit_application
from contracts.models import Application, Service
from contracts.receipts.received import Received, ensure_may_enter
from portal.organisations.models import Organisation
from portal.organisations.operations import OrganisationDetails, register_customer


@transaction.atomic
def enter_application(
    service: Service,
    customer: Organisation | OrganisationDetails,
    data: ApplicationData,
    submission_key: UUID,
    received: Received,
) -> Application:
    """Store what an application beside the portal states, of a customer that is known or new.

    A new one is registered from the paper, with no member: an owner can be invited later. The same
    `submission_key` gives the application that it gave before. ValidationError as for `submit_application`,
    and for details that break a rule of the model, by the names of its fields.
    """
    sent_before = Application.objects.filter(submission_key=submission_key, service=service).first()
    if sent_before:
        return sent_before
    if isinstance(customer, Organisation):
        organisation = customer
    else:
        ensure_may_enter(received.staff, None, service, seller_named(service, data.agent))
        organisation = register_customer(customer, received.staff)
    return submit_application(
        service, organisation, received.staff, data, submission_key, received.at, None, received=received
    )
