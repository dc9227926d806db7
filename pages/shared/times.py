"""Times and durations as people read them."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from deeptrace_core.phrases import duration as duration
from deeptrace_core.phrases import size as size
from deeptrace_core.phrases import video_time as video_time


def local_time(rfc3339: str) -> str:
    """A time of the world on the clock of the person who reads: "21 Nov 2026, 01:13"."""
    return in_zone(rfc3339, st.context.timezone)


def begin_of(day: date) -> datetime:
    """When a day begins on the clock of the person who reads."""
    return datetime.combine(day, time(), _zone(st.context.timezone) or UTC)


def in_zone(rfc3339: str, zone_name: str | None) -> str:
    """Like `local_time`; says "UTC" where the zone is not known."""
    moment = datetime.fromisoformat(rfc3339)
    zone = _zone(zone_name)
    there = moment.astimezone(zone or UTC)
    return f"{there.day} {there:%b %Y, %H:%M}{'' if zone else ' UTC'}"


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def limit(size_bytes: int) -> str:
    """A limit, without needless digits: "4 GB"."""
    amount, unit = (size_bytes / 1e9, "GB") if size_bytes >= 1e9 else (size_bytes / 1e6, "MB")
    return f"{amount:g} {unit}"
