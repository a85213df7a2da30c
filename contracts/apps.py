from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = _("Contracts and terms")

    def ready(self) -> None:
        from contracts.approvals.registered import KINDS as PROPOSED
        from contracts.extensions.kinds import know
        from contracts.requests.registry import KINDS
        from portal.approvals.kinds import register

        know(KINDS.values())
        register(PROPOSED)
