"""How dead letters are listed and shown: without what is personal, or speaks for money."""

from django.contrib import admin
from django.utils.safestring import SafeString

from shop.admin.filters import DaysFilter
from shop.admin.pages import BoundedPaginator
from shop.admin.records import ReadOnlyAdmin
from shop.bus.admin import showing
from shop.bus.admin.filters import ByEvent, ByHandler, ByQueue, ByType
from shop.bus.models import DeadLetter
from shop.bus.redaction import redacted

_LONG = 60  # signs of an error in the list


class ShownLetters(ReadOnlyAdmin):
    """To find and to read."""

    list_display = ("gave_up_at", "handler", "event_type", "about", "is_parked", "went_wrong")
    list_display_links = ("gave_up_at", "handler")
    list_filter = (ByQueue, ByHandler, ByType, ByEvent, "parked", ("died_at", DaysFilter))
    list_filter_submit = True
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    paginator = BoundedPaginator
    ordering = ("-id",)
    fields = (
        "event_type",
        "about",
        "handler",
        "queue",
        "gave_up_at",
        "attempts",
        "is_parked",
        "what_went_wrong",
        "payload",
    )
    readonly_fields = ("event_type", "about", "gave_up_at", "is_parked", "what_went_wrong", "payload")

    @admin.display(description="gave up at (UTC)")
    def gave_up_at(self, letter: DeadLetter) -> str:
        return showing.moment(letter.died_at)

    @admin.display(description="event")
    def event_type(self, letter: DeadLetter) -> SafeString:
        return showing.event_link(letter.event_id, (letter.event or {}).get("type", "not in the log"))

    @admin.display(description="subject")
    def about(self, letter: DeadLetter) -> SafeString | str:
        event = letter.event or {}
        return showing.log_link(showing.short(event["subject"]), key=event["partition_key"]) if event else "-"

    @admin.display(description="error")
    def went_wrong(self, letter: DeadLetter) -> str:
        error = str(redacted(letter.error))
        return error if len(error) <= _LONG else f"{error[:_LONG]} ..."

    @admin.display(description="error")
    def what_went_wrong(self, letter: DeadLetter) -> SafeString:
        return showing.preformatted(redacted(letter.error))

    @admin.display(description="state")
    def is_parked(self, letter: DeadLetter) -> SafeString:
        return showing.label("parked", "warning") if letter.parked else showing.label("gave up", "danger")

    @admin.display(description="payload")
    def payload(self, letter: DeadLetter) -> SafeString | str:
        return showing.payload(letter.event["data"]) if letter.event else "The log had it no more."
