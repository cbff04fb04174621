"""What an event is: a frozen fact with a name, a version and plain values."""

import string
from collections.abc import Iterator
from typing import Any, ClassVar, Self, dataclass_transform
from uuid import UUID

import msgspec
from msgspec import inspect

_encoder = msgspec.json.Encoder()


class BadEvent(TypeError):
    """This event cannot be declared so."""


class UnknownEvent(LookupError):
    """No event of this name and version is declared here."""


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,))
class EventMeta(msgspec.StructMeta):
    """Makes declaring the same as registering; what is wrong with an event is said when it is declared."""

    def __new__(
        mcls,
        class_name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        name: str | None = None,
        version: int = 1,
        subject: str | None = None,
        key: str | None = None,
    ) -> "EventMeta":
        cls = super().__new__(mcls, class_name, bases, namespace, frozen=True, kw_only=True, dict=True)
        declared: type[Event] = cls  # type: ignore[assignment]  # a class of this metaclass is an Event
        if subject is not None:
            declared.subject_template = subject
        if key is not None:
            declared.key_field = key
        declared.name, declared.version = name or "", version
        if name is not None:
            _register(declared)
        return cls


class Event(msgspec.Struct, metaclass=EventMeta):
    """A fact that became true, told in the past tense.

    ```
    class OrderPlaced(Event, name="order.placed", version=1, subject="orders/{order_id}", key="order_id"):
        order_id: UUID
    ```

    `name` is `noun.past_tense`; `version` grows with a breaking change; `subject` says whose history this is part
    of, and numbers it; `key` names the field that keeps related events in one lane. Older versions stay declared above
    it, each with its `upcast` to the next. Subclasses without a name are bases that hand on their fields, subject and
    key. Fields are plain values that JSON can carry.

    Raises `BadEvent` where the class is declared, if any of this does not hold.
    """

    name: ClassVar[str] = ""
    version: ClassVar[int] = 1
    subject_template: ClassVar[str] = ""
    key_field: ClassVar[str] = ""
    source: ClassVar[str] = ""
    _decoder: ClassVar[msgspec.json.Decoder[Any]]

    @property
    def subject(self) -> str:
        """Whose history this is part of, such as `orders/0199...`."""
        return self.subject_template.format_map({field: getattr(self, field) for field in self.__struct_fields__})

    @property
    def key(self) -> str:
        """What keeps related events in one lane: the order's id, or the SKU for stock."""
        return str(getattr(self, self.key_field))

    @property
    def event_id(self) -> UUID:
        """Its id in the log; known to the handlers that hear it, not yet to who publishes it."""
        known: UUID = self.__dict__["event_id"]
        return known

    def encode(self) -> bytes:
        """The payload as JSON."""
        return _encoder.encode(self)

    @classmethod
    def decode(cls, payload: str | bytes, event_id: UUID) -> Self:
        """An event as the log has it; raises `msgspec.ValidationError` when it is not of this shape."""
        decoded: Self = cls._decoder.decode(payload)
        decoded.__dict__["event_id"] = event_id
        return decoded


events: dict[tuple[str, int], type[Event]] = {}


def event_type(name: str, version: int) -> type[Event]:
    """The class declared for a name and version; raises `UnknownEvent`."""
    try:
        return events[name, version]
    except KeyError:
        raise UnknownEvent(f"no event {name} version {version} is declared here") from None


def _register(cls: type[Event]) -> None:
    _check_name(cls)
    fields = set(cls.__struct_fields__)
    named = {field for _, field, _, _ in string.Formatter().parse(cls.subject_template) if field}
    if not named or not named <= fields:
        raise BadEvent(f"{cls.name}: its subject {cls.subject_template!r} must name fields of the event")
    if cls.key_field not in fields:
        raise BadEvent(f"{cls.name}: its key {cls.key_field!r} is not a field of the event")
    try:
        msgspec.json.schema_components([cls])
        cls._decoder = msgspec.json.Decoder(cls)
    except (TypeError, NameError) as error:
        raise BadEvent(f"{cls.name}: a field cannot be carried as JSON: {error}") from error
    if not all(moment.tz for moment in _moments(inspect.type_info(cls))):
        raise BadEvent(f"{cls.name}: a time without its zone says nothing; declare it as a `shop.moments.Moment`")
    cls.source = "/" + cls.__module__.removesuffix(".events").rpartition(".")[2]
    events[cls.name, cls.version] = cls


def _moments(kind: inspect.Type | inspect.Field) -> Iterator[inspect.DateTimeType]:
    """Every time that something of this type holds, however deep."""
    if isinstance(kind, inspect.DateTimeType):
        yield kind
    for name in kind.__struct_fields__:
        inner = getattr(kind, name)
        for each in inner if isinstance(inner, tuple) else (inner,):
            if isinstance(each, inspect.Type | inspect.Field):
                yield from _moments(each)


def _check_name(cls: type[Event]) -> None:
    noun, _, past = cls.name.partition(".")
    if not (noun.isidentifier() and past.isidentifier()):
        raise BadEvent(f"{cls.name!r} is not of the form noun.past_tense")
    if (cls.name, cls.version) in events:
        raise BadEvent(f"{cls.name} version {cls.version} is declared twice: {events[cls.name, cls.version]}")
    if cls.version < 1 or (cls.version > 1 and (cls.name, cls.version - 1) not in events):
        raise BadEvent(f"{cls.name} version {cls.version}: versions count from 1, and each stands below the one before")
