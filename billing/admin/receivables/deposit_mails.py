"""E-mails of letters about deposits, before the outbox."""

from django.contrib import admin

from billing.admin.moved import MovedAdmin
from billing.models import DepositMail
from billing.receivables.deposit_mails import DEPOSIT


@admin.register(DepositMail)
class DepositMailAdmin(MovedAdmin):
    kinds = (DEPOSIT,)

    @staticmethod
    def about(obj: DepositMail) -> int:
        return obj.letter_id
