"""The roles of the provider's staff. Each is a group; portal/staff/rights.py says what it may do."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class StaffRole(TextChoices):
    """The value is the group's name, as staff read it in the admin."""

    RECEPTION = "受付担当", _("Reception staff")
    TERMS = "約款担当", _("Terms staff")
    BILLING = "経理担当", _("Billing staff")
    MANAGER = "責任者", _("Manager")
    AUDITOR = "監査担当", _("Auditor")
    PEOPLE = "担当者管理", _("Administrator of people")
