"""Two owners who close their accounts at the same moment: the organisation keeps one."""

from functools import partial

import pytest
from django.core.cache import cache
from django.urls import reverse

from portal.organisations.models import Membership
from tests.account_scene import sign_in
from tests.conftest import PASSWORD
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_owners_who_go_at_once_one_stays(user, organisation, make_user):
    cache.clear()
    second, member = make_user("second@customer.example"), make_user("member@customer.example")
    Membership.objects.create(user=second, organisation=organisation, role=Membership.Role.OWNER)
    Membership.objects.create(user=member, organisation=organisation, role=Membership.Role.MEMBER)
    both = [sign_in(user), sign_in(second)]
    together(*(partial(one.post, reverse("account_close"), {"password": PASSWORD}) for one in both))
    left = Membership.objects.filter(organisation=organisation, user__is_active=True)
    assert [one.role for one in left.order_by("-role")] == [Membership.Role.OWNER, Membership.Role.MEMBER]
