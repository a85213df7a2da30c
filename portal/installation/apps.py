from django.apps import AppConfig
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class InstallationConfig(AppConfig):
    name = "portal.installation"
    verbose_name = _("Installation")

    def ready(self) -> None:
        """Note when this process was started, and have workers show that they live."""
        from portal.installation import worker_signs  # noqa: F401 (listens to the worker)

        self.started_at = timezone.now()
