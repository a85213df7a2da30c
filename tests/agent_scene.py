"""Sales agents with people at their desks, and customers of each."""

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from billing.pricing.price_lists import publish_price_list
from contracts.models import SalesAgent, Service
from contracts.publishing.agents import name_organisation
from portal.organisations.models import Organisation, User
from portal.organisations.operations import OrganisationDetails, create_organisation
from tests import scenes
from tests.billing_scene import load_service
from tests.catalog_policies import price_files
from tests.member_scene import person


def sold_service() -> Service:
    """A service that two agents sell, each at its prices."""
    service = load_service("progoffice")
    for file in price_files("progoffice"):
        publish_price_list(service, file.read_text(encoding="utf-8"))
    return service


def desk_of(agent: SalesAgent, name: str = "港湾販売株式会社") -> Organisation:
    """The organisation of an agent, with an owner who has a second factor."""
    owner = person(f"owner{User.objects.count()}@agent.example", display_name="港 三郎")
    with_second_factor(owner)
    details = OrganisationDetails(
        name=name,
        postal_code="100-0001",
        address="東京都千代田区千代田1-1",
        phone="03-0000-0002",
        invoice_email=owner.email,
    )
    organisation = create_organisation(owner, details)
    name_organisation(agent, organisation, scenes.staff_member())
    agent.refresh_from_db()
    return organisation


def with_second_factor(someone: User) -> User:
    TOTP.activate(someone, generate_totp_secret())
    RecoveryCodes.activate(someone)
    return someone
