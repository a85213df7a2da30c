"""The computable rules of a 約款: pure Python, no Django, no database.

Every function takes plain values and answers with a `Decision` that carries the steps
that led to it, each with the article that founds it.
"""
