from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    name = "portal.approvals"
    verbose_name = _("Approvals")

    def ready(self) -> None:
        from portal.approvals.history import BOOK
        from portal.approvals.mails import BROKEN_GLASS
        from portal.audit import books
        from portal.outbox import kinds as mails

        books.register(BOOK)
        mails.register((BROKEN_GLASS,))
