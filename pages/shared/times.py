"""Times and durations as people read them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from deeptrace_core.phrases import duration as duration
from deeptrace_core.phrases import size as size
from deeptrace_core.phrases import video_time as video_time


def local_time(rfc3339: str) -> str:
    """A time of the world on the clock of the person who reads: "21 Nov 2026, 01:13"."""
    return in_zone(rfc3339, st.context.timezone)


def in_zone(rfc3339: str, zone_name: str | None) -> str:
    """Like `local_time`; says "UTC" where the zone is not known."""
    moment = datetime.fromisoformat(rfc3339)
    try:
        zone, suffix = (ZoneInfo(zone_name), "") if zone_name else (UTC, " UTC")
    except (ZoneInfoNotFoundError, ValueError):
        zone, suffix = UTC, " UTC"
    there = moment.astimezone(zone)
    return f"{there.day} {there:%b %Y, %H:%M}{suffix}"


def limit(size_bytes: int) -> str:
    """A limit, without needless digits: "4 GB"."""
    amount, unit = (size_bytes / 1e9, "GB") if size_bytes >= 1e9 else (size_bytes / 1e6, "MB")
    return f"{amount:g} {unit}"
