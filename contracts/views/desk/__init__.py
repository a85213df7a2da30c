"""The desk of sales agents: their customers' applications, contracts and requests, and nobody else's."""
