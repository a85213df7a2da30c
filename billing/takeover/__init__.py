"""What billing reads of files of running contracts: money that is owed, held, or invoiced before."""
