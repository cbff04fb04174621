"""What workers of the tests are started with: the product's settings, a stage beside the domains, times in logs."""

import ctypes
import signal
import sys

from shop.settings import *  # noqa: F403 - all of them
from shop.settings import INSTALLED_APPS as _PRODUCT
from shop.settings import LOGGING as _LOGGING

INSTALLED_APPS = [*_PRODUCT, "tests.bus.stage"]
LOGGING = _LOGGING | {"formatters": {"line": {"format": "%(asctime)s %(process)d %(levelname)s %(name)s %(message)s"}}}

_PR_SET_PDEATHSIG = 1
if sys.platform == "linux":  # where tests are killed, their workers must not live on
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
