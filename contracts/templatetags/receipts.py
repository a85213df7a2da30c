"""How something came that was not sent in the portal."""

from django import template

from contracts.receipts.received import receipt_text

register = template.Library()
register.filter("as_received", receipt_text)
