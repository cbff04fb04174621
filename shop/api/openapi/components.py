"""What all operations share, described once: problems, headers and the parameters of conditional requests."""

from http import HTTPStatus
from typing import Any

_TEXT = {"type": "string"}

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "An error, as RFC 9457 has it. Members beyond these are facts that help to act on this `code`.",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id", "retryable"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "Names the kind of problem."},
        "title": _TEXT | {"description": "The status in words."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": _TEXT | {"description": "What went wrong, for people."},
        "instance": {"type": "string", "format": "uri-reference", "description": "What was asked for."},
        "code": _TEXT | {"description": "What went wrong, for programs. Stable; more codes may be added."},
        "request_id": _TEXT | {"description": "Names this request in our logs; X-Request-Id has it too."},
        "retryable": {"type": "boolean", "description": "Whether the same request may succeed later."},
        "errors": {
            "type": "array",
            "description": "What is wrong in particular: each points into the body, or names a parameter.",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "pointer": _TEXT | {"description": "A JSON pointer (RFC 6901) into the body."},
                    "parameter": _TEXT | {"description": "The name of a query parameter."},
                    "code": _TEXT,
                    "detail": _TEXT,
                },
            },
        },
    },
    "additionalProperties": True,
}

PROBLEM_CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

WHEN = {
    400: "Something that was sent is not valid; `errors` says what.",
    401: "The caller is not signed in, or their token is no longer good.",
    403: "The caller may not do this; `required_scope` names the scope that their grant lacks.",
    404: "There is no such thing, or it is not the caller's to see.",
    405: "What is at this address cannot be asked for this; `Allow` says what it can be asked for.",
    406: "The answer is JSON, and the request does not accept that.",
    409: "A request with this Idempotency-Key is still running, or the thing is not in a state that allows this.",
    411: "The body came without a Content-Length.",
    412: "It has changed since the caller read it.",
    413: "The body is too large.",
    415: "The body is not `application/json`.",
    422: "This Idempotency-Key was used for another body.",
    428: "If-Match is missing.",
    429: "Too many requests; `Retry-After` says how long to wait.",
    500: "Something broke on our side.",
    503: "The database cannot be asked just now; try again after `Retry-After` seconds.",
}

HEADERS: dict[str, Any] = {
    "X-Request-Id": {"description": "Names this request in our logs.", "schema": {"type": "string", "format": "uuid"}},
    "ETag": {"description": "The version of what was answered; send it back in If-Match or If-None-Match."}
    | {"schema": _TEXT},
    "Location": {"description": "Where the new thing is.", "schema": {"type": "string", "format": "uri-reference"}},
    "Allow": {"description": "The methods that may be used here.", "schema": _TEXT},
    "Link": {"description": "The pages beside this one (RFC 8288).", "schema": _TEXT},
    "Retry-After": {
        "description": "Seconds to wait, where waiting helps.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {"description": "How to sign in, and which scope is missing.", "schema": _TEXT},
    "Idempotent-Replayed": {"description": "`true` if this is the answer to an earlier request.", "schema": _TEXT},
    "Shop-Backlog-Seconds": {
        "description": "For how many seconds the oldest work has been due; there only while the shop is far behind. "
        "What was asked for will be done, later than usual: whoever sends much had better slow down.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "Preference-Applied": {"description": "Which wishes of `Prefer` were granted.", "schema": _TEXT},
    "RateLimit": {"description": "What is left of the limit, and for how many seconds.", "schema": _TEXT},
    "RateLimit-Policy": {"description": "The limit: so many requests in so many seconds.", "schema": _TEXT},
}

PARAMETERS: dict[str, Any] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Any unique string: the same key and body again get the first answer again, and act once.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x20-\\x7e]+$"},
        "example": "6f1b8a0e-5d0c-4a53-9c7c-0f7f3c1f7a11",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag that the caller last saw; what has changed since is not overwritten.",
        "schema": _TEXT,
        "example": '"3"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "An ETag that the caller has; 304 if it still is the current one.",
        "schema": _TEXT,
    },
}

SECURITY: dict[str, Any] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": (
            "`Authorization: Bearer` with an API key (`sk_live_...`, `sk_test_...`), the access token of a login (a "
            "JWT), an access token of OAuth2, or the token of a guest's order (`guest_...`)."
        ),
    },
    "session": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Session-Token",
        "description": "The session token of an app that has logged in at `/_allauth/app/v1/`.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "The session of a browser that has logged in; changes need `X-CSRFToken` as well.",
    },
}
"""How callers show who they are."""

_EXTRA_HEADERS = {
    405: ["Allow"],
    409: ["Retry-After"],
    401: ["WWW-Authenticate"],
    403: ["WWW-Authenticate"],
    429: ["Retry-After"],
    503: ["Retry-After"],
}


def headers(*names: str) -> dict[str, Any]:
    """References to headers by name, for a response."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def problem(status: int) -> dict[str, Any]:
    """The response of an error, with an example."""
    example = {
        "type": "/problems/not_found",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": WHEN[status],
        "instance": "/api/v1/...",
        "code": "not_found",
        "request_id": "019ab3c2-4f0e-7d3b-9a52-1f6f0c9c6f10",
        "retryable": status in {409, 429, 500, 503},
    }
    code = _CODES[status]
    return {
        "description": WHEN[status],
        "headers": headers("X-Request-Id", *_EXTRA_HEADERS.get(status, ())),
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": example | {"type": f"/problems/{code}", "code": code},
            }
        },
    }


_CODES = {
    400: "invalid",
    401: "not_authenticated",
    403: "scope_missing",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "idempotency_key_in_use",
    411: "length_required",
    412: "changed_meanwhile",
    413: "too_large",
    415: "unsupported_media_type",
    422: "idempotency_key_reused",
    428: "if_match_missing",
    429: "throttled",
    500: "internal_error",
    503: "unavailable",
}


def shared() -> dict[str, Any]:
    """Everything that operations refer to."""
    return {
        "schemas": {"Problem": PROBLEM},
        "securitySchemes": SECURITY,
        "headers": HEADERS,
        "parameters": PARAMETERS,
        "responses": {f"Problem{status}": problem(status) for status in WHEN},
    }
