import os

from django.core.wsgi import get_wsgi_application

from portal.charset import WithKnownCharset
from portal.memory import keep_what_is_loaded
from portal.starting import ensure_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = WithKnownCharset(get_wsgi_application())
ensure_ready()
keep_what_is_loaded()
