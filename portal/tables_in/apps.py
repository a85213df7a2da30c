from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TablesInConfig(AppConfig):
    name = "portal.tables_in"
    verbose_name = _("Tables brought in")

    def ready(self) -> None:
        from portal.audit import books
        from portal.staffing import reach
        from portal.tables_in import kinds
        from portal.tables_in.history import BOOK
        from portal.tables_in.organisations.kinds import KINDS
        from portal.tables_in.reach import WAYS

        books.register(BOOK)
        reach.register(WAYS)
        kinds.register(KINDS)
