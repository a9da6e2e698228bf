import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from .overload import refuse_late
from .wires import overloaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = refuse_late(get_wsgi_application(), seconds=settings.QUEUE_SECONDS, refuse=overloaded)
