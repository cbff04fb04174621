"""Messages in the admin."""

from notifications.admin.messages import MessageAdmin as MessageAdmin
