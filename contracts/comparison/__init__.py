"""Comparison tables (新旧対照表) as people and machines want them: HTML, PDF, CSV, XLSX, JSON.

What stands in the tables is worked out in `contracts.terms.compare`.
"""
