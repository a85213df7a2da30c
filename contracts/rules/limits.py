"""Bounds of what people type and files hold. Beyond them lies a slip; within them nothing overflows."""

from datetime import date

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2199, 12, 31)
"""Rules count days, months and terms from a day on, in either direction. From these days they would have to
count for centuries to leave what `date` knows (the years 1 to 9999)."""

LARGEST_AMOUNT = 10**11
"""Yen, for one amount or unit price."""

LARGEST_QUANTITY = 10**6
"""Units of a product. At the largest price they make 10**17 yen, with which a column of 64 bits can still
calculate."""

LARGEST_TOTAL = 10**13
"""Yen, for an invoice: the totals of 900,000 of them add up within 64 bits."""
