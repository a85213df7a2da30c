from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "portal.audit"
    verbose_name = _("Audit trail")

    def ready(self) -> None:
        from portal.audit.reach import WAYS
        from portal.staffing.reach import register

        register(WAYS)
