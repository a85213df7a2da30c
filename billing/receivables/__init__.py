"""What customers owe and paid: balances, money in and out, reminders, deposits."""
