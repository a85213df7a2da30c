from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = _("Contracts and terms")

    def ready(self) -> None:
        from contracts.extensions.kinds import know
        from contracts.history.book import BOOK
        from contracts.requests.registry import KINDS
        from portal.audit.books import register

        know(KINDS.values())
        register(BOOK)
