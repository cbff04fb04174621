"""What people were told, and what they want to hear, over HTTP."""

from notifications.api.views.messages import MessageViewSet as MessageViewSet
from notifications.api.views.preferences import PreferenceViewSet as PreferenceViewSet
