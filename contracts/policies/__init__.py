"""Which version of the terms governs a contract on a day, and the answers that its rules need."""
