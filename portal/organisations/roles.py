"""The roles of the provider's staff. Each is a group; what it may do is granted to the group."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class StaffRole(TextChoices):
    """The value is the group's name, as staff read it in the admin."""

    RECEPTION = "受付担当", _("Reception")
    TERMS = "約款担当", _("Terms")
    BILLING = "経理担当", _("Billing")
    MANAGER = "責任者", _("Manager")


def ensure_groups(**kwargs: object) -> None:
    """Create the groups that are missing, after every migration and every flush."""
    from django.contrib.auth.models import Group

    for role in StaffRole:
        Group.objects.get_or_create(name=role.value)
