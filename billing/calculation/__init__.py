"""Amounts and due dates: pure Python, no Django, no database.

Money is whole yen. Every function answers with a `Decision` whose steps name the articles; `steps.py`
lists the keys of those steps.
"""
