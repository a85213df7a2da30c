"""Which version of the terms governs a contract on a day."""
