"""Times and durations as people read them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st


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


def video_time(seconds: float) -> str:
    """A moment in a video: "0:04.2", "1:02:03.0"."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    clock = f"{minutes}:{rest / 10:04.1f}"
    return f"{hours}:{clock.zfill(7)}" if hours else clock


def duration(seconds: float) -> str:
    """How long something is: "4 s", "2 min 5 s", "1 h 3 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s" if whole >= 10 or whole == seconds else f"{seconds:.1f} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def size(size_bytes: int) -> str:
    """How big a file is, in the decimal units that file managers show: "52.4 MB"."""
    amount = float(size_bytes)
    for unit in ("bytes", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.2f} GB"


def limit(size_bytes: int) -> str:
    """A limit, without needless digits: "4 GB"."""
    amount, unit = (size_bytes / 1e9, "GB") if size_bytes >= 1e9 else (size_bytes / 1e6, "MB")
    return f"{amount:g} {unit}"
