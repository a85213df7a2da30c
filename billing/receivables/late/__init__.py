"""Who is late: what is open by how long it is overdue, reminders that are due, grounds by the terms."""
