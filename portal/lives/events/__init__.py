"""What can happen in a life: each event is one class, in the module of what it is about."""
