"""How good or bad a state looks, wherever it is shown: the domains use the same words for the same fortunes."""

from shop.admin.panels import Tone

TONES: dict[str, Tone] = {
    word: tone
    for tone, words in {
        "success": "sent shipped delivered held captured fulfilled committed succeeded done",
        "info": "placed confirmed authorized due",
        "warning": "action_required partial partially_refunded refunded released waiting parked returned",
        "danger": "cancelled rejected declined capture_failed failed dead",
    }.items()
    for word in words.split()
}
"""What is not here is neither good nor bad."""
