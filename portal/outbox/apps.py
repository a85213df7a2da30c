from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    name = "portal.outbox"
    verbose_name = _("Outbox")

    def ready(self) -> None:
        from portal.audit.books import register
        from portal.outbox.history import BOOK
        from portal.outbox.reach import WAYS
        from portal.staffing import reach

        register(BOOK)
        reach.register(WAYS)
