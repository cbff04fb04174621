"""Reports of errors to Sentry: what broke and where, and nothing about whom.

Nothing of a request leaves but its method and path, no variables, and every text passes through what our logs pass.
"""

from typing import Any, cast

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.logging import ignore_logger

from shop import logs


def begin() -> None:
    """Report what this process logs as an error, and what no view has caught."""
    ignore_logger("django.security.DisallowedHost")  # whoever scans the net makes these
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.SHOP_ENVIRONMENT,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        auto_session_tracking=False,
        send_client_reports=False,
        before_send=lambda event, _hint: _impersonal(event),
    )


def _impersonal(event: Any) -> Any:  # Sentry's own shape, whose keys are its own
    request = event.pop("request", {})
    event.pop("user", None)
    told = cast("dict[str, Any]", logs.redact(None, "", event))
    told["request"] = {"method": request.get("method", ""), "url": request.get("url", "").partition("?")[0]}
    return told
