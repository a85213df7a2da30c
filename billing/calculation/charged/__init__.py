"""What a contract owes by facts, what documents charge, and the difference. Pure."""
