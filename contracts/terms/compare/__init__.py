"""Comparison tables (新旧対照表) of two terms texts. Pure Python.

`rows.compare` takes two trees and gives the rows of the table; `passages` finds what changed inside a text;
`published_table` reads a table that people made back into its two sides.
"""
