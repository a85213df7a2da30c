import os

from django.core.wsgi import get_wsgi_application

from portal.charset import WithKnownCharset
from portal.memory import keep_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = WithKnownCharset(get_wsgi_application())
keep_what_is_loaded()
