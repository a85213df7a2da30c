"""Compare everything that was ever charged with what is owed, without trusting the marks."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from billing.differences.listing import list_changed, unmarked_differences
from billing.differences.marks import fact_changed
from contracts.models import Provider


class Command(BaseCommand):
    help = "Compare all charges with what is owed; ends with 1 if something was found that nothing marked."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--provider", help="the code of one provider; all without it")

    def handle(self, **options: Any) -> None:
        list_changed()
        providers = Provider.objects.order_by("code")
        if options["provider"]:
            providers = providers.filter(code=options["provider"])
        found = 0
        for provider in providers:
            for contract, difference in unmarked_differences(provider):
                month, product = difference.supply
                facts = {"contract": contract.number, "month": month, "product": product}
                facts |= {"charged": f"{difference.charged:,}", "owed": f"{difference.owed:,}"}
                self.stdout.write(_("%(contract)s, %(month)s, %(product)s: %(charged)s → %(owed)s") % facts)
                fact_changed(contract.pk)
                found += 1
        list_changed()
        if found:
            raise SystemExit(1)
        self.stdout.write(_("What is charged is what is owed, but for what is listed."))
