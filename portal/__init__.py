from portal.celery import app as celery_app

__all__ = ["__version__", "celery_app"]

__version__ = "0.2.0.dev0"
"""The release that this is, or (with `dev`) that this is to become; named here alone."""
