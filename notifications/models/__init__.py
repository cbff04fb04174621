"""Messages to people, what they do not want to hear, what staff are told of, and the mailbox of development."""

from notifications.models.alerts import Alert as Alert
from notifications.models.mailbox import ReceivedMail as ReceivedMail
from notifications.models.messages import REQUIRED as REQUIRED
from notifications.models.messages import STAFF as STAFF
from notifications.models.messages import Channel as Channel
from notifications.models.messages import Kind as Kind
from notifications.models.messages import Message as Message
from notifications.models.preferences import Preference as Preference
