"""Who may come: a line each. Whoever adds a role adds a line, and writes the table anew."""

from collections.abc import Callable, Mapping

from django.test import Client

from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from tests.matrix.scene import Scene

Make = Callable[..., User]
SignIn = Callable[[User], Client]


def who_comes(scene: Scene, make_staff: Make, sign_in: SignIn) -> Mapping[str, Client]:
    """A browser of each role, signed in; of customers as they stand to the things of the scene."""
    return {
        "visitor": Client(),
        "owner": sign_in(scene.owner),
        "other": sign_in(scene.other),
        "former": sign_in(scene.former),
        "no factor": sign_in(make_staff("nofactor@provider.example", StaffRole.MANAGER, second_factor=False)),
        "reception": sign_in(make_staff("reception@provider.example", StaffRole.RECEPTION)),
        "terms": sign_in(make_staff("terms@provider.example", StaffRole.TERMS)),
        "billing": sign_in(make_staff("billing@provider.example", StaffRole.BILLING)),
        "manager": sign_in(make_staff("manager@provider.example", StaffRole.MANAGER)),
        "superuser": sign_in(make_staff("root@provider.example", is_superuser=True)),
    }
