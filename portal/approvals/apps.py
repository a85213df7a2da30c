from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    name = "portal.approvals"
    verbose_name = _("Approvals")

    def ready(self) -> None:
        from portal.approvals.history import BOOK
        from portal.approvals.mails import BROKEN_GLASS
        from portal.approvals.reach import WAYS
        from portal.audit import books
        from portal.outbox import kinds as mails
        from portal.staffing import reach

        books.register(BOOK)
        reach.register(WAYS)
        mails.register((BROKEN_GLASS,))
