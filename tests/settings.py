"""What workers of the tests are started with: the product's settings, and a stage beside the domains."""

import ctypes
import os
import signal
import sys

from shop.settings import *  # noqa: F403 - all of them
from shop.settings import INSTALLED_APPS as _PRODUCT

INSTALLED_APPS = [*_PRODUCT, "tests.bus.stage"]
if "RELEASE" in os.environ:
    INSTALLED_APPS.append(f"tests.bus.releases.{os.environ['RELEASE']}.tour")

_PR_SET_PDEATHSIG = 1
if sys.platform == "linux":  # where tests are killed, their workers must not live on
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
