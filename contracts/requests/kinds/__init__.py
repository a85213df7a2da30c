"""The kinds of requests: each is a class in one module here, which the registry finds by itself."""
