"""Which version of the terms governs a contract on a day; and what all operations share: locks, numbers."""
