"""What can be done to contracts, their terms and requests: one function, one transaction, one audit entry.

These functions are the only writers of contract data. What they are given may be stale: each reads its rows
again and locks them, and what it returns is fresh. What a person did wrong is a ValidationError that names
the field; nothing is stored then.
"""
