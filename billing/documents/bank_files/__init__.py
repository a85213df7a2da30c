"""Files that are exchanged with banks: pure Python, without Django and without models.

Each format reads from bytes and writes to bytes. Reading collects every problem of a file and then refuses it
whole, with a BankFileError; what the keys of the problems mean is in `problems.py`.
"""
