"""How many videos wait, are in work, and have ended."""

from pages.shared import backend, desk_words, parts, times, wording


def show() -> None:
    """A number for each state, and how long the oldest has waited."""
    figures = backend.store().figures.queue()
    parts.heading("Queue")
    since = figures.oldest_waiting_since
    parts.remark(desk_words.oldest_waits(times.local_time(since)) if since else desk_words.NOTHING_WAITS)
    parts.facts({wording.STATES[state].short: f"{count:,}" for state, count in figures.counts.items()})
