"""Questions of customers to providers: asked about something, answered, closed."""
