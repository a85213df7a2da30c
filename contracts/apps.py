from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = _("Contracts and terms")

    def ready(self) -> None:
        from contracts.extensions.kinds import know
        from contracts.requests.registry import KINDS

        know(KINDS.values())
