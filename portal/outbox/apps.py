from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    name = "portal.outbox"
    verbose_name = _("Outbox")

    def ready(self) -> None:
        from portal.audit.books import register
        from portal.outbox.history import BOOK

        register(BOOK)
