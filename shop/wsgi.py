"""The web process: REST, served by granian."""

import os

os.environ.setdefault("SHOP_ROLE", "web")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
