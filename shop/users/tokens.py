"""Tokens of apps: X-Session-Token on the way in, then access and refresh tokens (JWT) that end with their session."""

from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase

from shop.bus import act_as


class Tokens(JWTTokenStrategy):
    """allauth's, but that whoever asks is the actor of what follows."""

    def lookup_session(self, session_token: str) -> SessionBase | None:
        session = super().lookup_session(session_token)
        if session is not None and (user_id := session.get(SESSION_KEY)):
            act_as(f"user:{user_id}")
        return session
