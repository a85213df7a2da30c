"""Members of an organisation beside its owner, by what they are given, and invitations."""

import re

from allauth.account.models import EmailAddress

from contracts.models import Contract
from portal.organisations.members.giving import give
from portal.organisations.members.rights import Given, Role
from portal.organisations.models import Membership, Organisation, User
from portal.outbox.models import Mail
from portal.outbox.secrets import opened

READER = Given()
CONTRACTS = Given(handles_contracts=True)
BILLING = Given(handles_billing=True)
BOTH = Given(handles_contracts=True, handles_billing=True)
OWNER = Given(role=Role.OWNER)


def limited(*contracts: Contract) -> Given:
    """Contracts and billing, of these contracts alone."""
    return Given(
        handles_contracts=True, handles_billing=True, limited_to={contract.pk for contract in contracts}
    )


def person(email: str, **fields: object) -> User:
    """Somebody who has confirmed an e-mail address."""
    user = User.objects.create_user(email, None, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def join(organisation: Organisation, given: Given, email: str = "colleague@yamada.example") -> Membership:
    """A colleague who is a member."""
    colleague = User.objects.filter(email=email).first() or person(email, display_name=email.split("@")[0])
    membership = Membership(user=colleague, organisation=organisation)
    give(membership, given)
    return membership


def link_to(email: str) -> str:
    """The path of the link in the last invitation that went to an address."""
    mail = Mail.objects.filter(kind="invitation", address=email).latest("pk")
    found = re.fullmatch(r"https?://[^/]+(/.+)", opened(mail.secret))
    assert found
    return found[1]
