from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StaffingConfig(AppConfig):
    name = "portal.staffing"
    verbose_name = _("Staff of providers")

    def ready(self) -> None:
        from portal.staffing.reach import register

        register({"staffing.belonging": ("provider",)})
