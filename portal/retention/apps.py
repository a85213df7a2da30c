from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RetentionConfig(AppConfig):
    name = "portal.retention"
    verbose_name = _("Retention periods")

    def ready(self) -> None:
        from portal.audit import books
        from portal.retention.history import BOOK
        from portal.retention.reach import WAYS
        from portal.staffing import reach

        books.register(BOOK)
        reach.register(WAYS)
