"""What can be done about money: one function, one transaction or run, and the audit trail knows.

These functions are the only writers of billing data. What a person did wrong is a ValidationError; what is
wrong in data that somebody wrote is a DataError that names every problem by its path.
"""
