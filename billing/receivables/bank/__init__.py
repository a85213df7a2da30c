"""What comes from the bank and goes to it: accounts, and the files of entries."""
