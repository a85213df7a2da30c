from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DataProtectionConfig(AppConfig):
    name = "portal.data_protection"
    verbose_name = _("Data protection")

    def ready(self) -> None:
        from contracts.extensions import registered
        from portal.approvals import kinds as approvals
        from portal.audit import books
        from portal.data_protection.history import BOOK
        from portal.data_protection.mails import REPORTS
        from portal.data_protection.proposed import KINDS
        from portal.data_protection.reach import WAYS
        from portal.data_protection.stopped import stopped_work
        from portal.data_protection.waiting import DUE
        from portal.outbox import kinds as mails
        from portal.staffing import reach

        registered.register(registered.Extension(sources=(DUE,), troubles=(stopped_work,)))
        books.register(BOOK)
        approvals.register(KINDS)
        mails.register((REPORTS,))
        reach.register(WAYS)
