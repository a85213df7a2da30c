"""Who may come: a line each. Whoever adds a role adds a line, and writes the table anew."""

from collections.abc import Callable, Mapping

from django.test import Client

from portal.organisations.members.changing import remove_member
from portal.organisations.members.rights import Given
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from tests import scenes
from tests.matrix.scene import Scene
from tests.member_scene import BILLING, CONTRACTS, READER, join, limited

Make = Callable[..., User]
SignIn = Callable[[User], Client]


def _member(scene: Scene, given: Given, name: str) -> User:
    """A colleague of who holds the contract."""
    return join(scene.beside.organisation, given, f"{name}@suzuki.example").user


def _removed(scene: Scene) -> User:
    """Somebody who was a member, and is none of anybody now."""
    person = _member(scene, READER, "removed")
    remove_member(person.memberships.get(), scene.owner)
    return User.objects.get(pk=person.pk)


def who_comes(scene: Scene, make_staff: Make, sign_in: SignIn) -> Mapping[str, Client]:
    """A browser of each role, signed in; of customers as they stand to the things of the scene.

    `contracts`, `money` (who handles billing) and `reader` are colleagues of the owner; `limited` handles
    both for another contract of the organisation alone; `removed` was a member. `elsewhere` is the manager of
    a provider that has nothing to do with the scene. `agent` works for the sales agent of another contract.
    """
    return {
        "visitor": Client(),
        "owner": sign_in(scene.owner),
        "contracts": sign_in(_member(scene, CONTRACTS, "contracts")),
        "money": sign_in(_member(scene, BILLING, "money")),
        "reader": sign_in(_member(scene, READER, "reader")),
        "limited": sign_in(_member(scene, limited(scene.beside), "limited")),
        "removed": sign_in(_removed(scene)),
        "other": sign_in(scene.other),
        "former": sign_in(scene.former),
        "agent": sign_in(scene.agent),
        "no factor": sign_in(make_staff("nofactor@provider.example", StaffRole.MANAGER, second_factor=False)),
        "reception": sign_in(make_staff("reception@provider.example", StaffRole.RECEPTION)),
        "terms": sign_in(make_staff("terms@provider.example", StaffRole.TERMS)),
        "billing": sign_in(make_staff("billing@provider.example", StaffRole.BILLING)),
        "manager": sign_in(make_staff("manager@provider.example", StaffRole.MANAGER)),
        "auditor": sign_in(make_staff("auditor@provider.example", StaffRole.AUDITOR)),
        "people": sign_in(make_staff("people@provider.example", StaffRole.PEOPLE)),
        "elsewhere": sign_in(
            scenes.works_for(make_staff("elsewhere@provider.example", StaffRole.MANAGER), scene.elsewhere)
        ),
        "superuser": sign_in(make_staff("root@provider.example", is_superuser=True)),
    }
