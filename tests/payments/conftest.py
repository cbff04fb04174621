from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from payments.gateways import gateway
from payments.gateways.sandbox import SandboxGateway
from shop.bus import calls
from tests.payments.tempers import Away, Interrupted, Refuses

UseGateway = Callable[[type[SandboxGateway]], None]


@pytest.fixture(autouse=True)
def _fresh_gateways() -> Iterator[None]:
    """No circuit is open, and no gateway remembers the test before."""
    calls._closed_until.clear()
    Away.back, Refuses.refused, Interrupted.meanwhile = False, set(), {}
    yield
    gateway.cache_clear()
    calls._closed_until.clear()


@pytest.fixture
def use_gateway(settings: Settings) -> UseGateway:
    """Takes the money by this gateway from now on."""

    def use(kind: type[SandboxGateway]) -> None:
        settings.PAYMENT_GATEWAY = f"{kind.__module__}.{kind.__qualname__}"
        gateway.cache_clear()

    return use
