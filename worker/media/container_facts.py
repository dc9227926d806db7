"""What a container holds, beyond what the analysis needs: counted over its packets, nothing decoded."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median  # numpy's imports a part of it late, when no file can be opened any more
from typing import Any

import av
import numpy as np

from deeptrace_core.errors import UnreadableMediaError
from deeptrace_core.provenance import ContainerFacts, FrameTiming, StreamFacts, Tag
from worker.media.container import open_file, refusal, videos
from worker.media.hints import hints_of
from worker.media.limits import Limits
from worker.media.picture import format_of
from worker.media.picture_facts import picture_facts
from worker.media.tags import cut, sorted_out

MAX_STREAMS = 16
FIRST_PACKET_BYTES = 4096

KEPT_TAGS = frozenset(
    {
        *("encoder", "software", "creation_time", "date", "handler_name", "make", "model", "firmware"),
        *("com.apple.quicktime.software", "com.apple.quicktime.creationdate"),
        *("com.apple.quicktime.make", "com.apple.quicktime.model"),
        *("com.android.version", "com.android.manufacturer", "com.android.model"),
    }
)
"""Names in lower case. All others may tell about people, and their values stay in the file."""

STRUCTURE_TAGS = frozenset(
    {"major_brand", "minor_version", "compatible_brands", "language", "duration", "vendor_id"}
)
"""What FFmpeg calls tags and is part of the format."""

SLACK_S, SLACK_SHARE = 0.0015, 0.02
"""How far frames of a constant rate may lie from it: Matroska rounds to milliseconds."""

TIME_DIGITS = 3


@dataclass
class _Count:
    """What was counted over all packets."""

    stream_bytes: dict[int, int] = field(default_factory=dict)
    times_s: list[float] = field(default_factory=list)
    key_times_s: list[float] = field(default_factory=list)
    key_frames: int = 0
    hidden_frames: int = 0
    first_packet: bytes = b""


def container_facts(
    file: int, limits: Limits, *, on_packet: Callable[[int], None], now: datetime | None = None
) -> ContainerFacts:
    """Read what stands in the container, and count its packets.

    Args:
        file: a descriptor open for reading.
        on_packet: called with the number of packets seen.
        now: the time of reading, if it is not the present.

    Raises:
        UnreadableMediaError: the file cannot be read, or is damaged.
        MediaTooLargeError: a still picture has too many pixels.
    """
    if format_of(file) is not None:
        return picture_facts(file, limits, now=now)
    with open_file(file, limits) as container:
        stream = next(iter(videos(container)), None)
        count = _counted(container, stream, limits, on_packet)
        length_s = container.duration / av.time_base if container.duration else 0.0
        streams = list(container.streams)
        tags, others = sorted_out(_tags(container, streams), KEPT_TAGS, STRUCTURE_TAGS)
        timing, frames_per_s = _timing(count.times_s)
        spacing_s = np.diff(np.sort(count.key_times_s)).tolist()
        return ContainerFacts(
            brands=_brands(container.metadata),
            streams=tuple(_stream_facts(one, count, length_s) for one in streams[:MAX_STREAMS]),
            more_streams=max(len(streams) - MAX_STREAMS, 0),
            tags=tags,
            other_tags=others,
            frame_timing=timing,
            frames_per_s=frames_per_s,
            key_frames=count.key_frames,
            key_frame_median_s=round(median(spacing_s), TIME_DIGITS) if spacing_s else None,
            key_frame_longest_s=round(max(spacing_s), TIME_DIGITS) if spacing_s else None,
            hidden_frames=count.hidden_frames,
            hints=hints_of(tags, count.first_packet, count.hidden_frames, now=now or datetime.now(UTC)),
        )


def _counted(
    container: Any, stream: av.VideoStream | None, limits: Limits, on_packet: Callable[[int], None]
) -> _Count:
    count = _Count()
    try:
        for number, packet in enumerate(container.demux(), start=1):
            on_packet(number)
            if number > limits.packets:
                raise UnreadableMediaError(
                    f"The file has more than {limits.packets / 1e6:g} million packets."
                )
            index = packet.stream.index
            count.stream_bytes[index] = count.stream_bytes.get(index, 0) + packet.size
            if packet.stream is not stream or packet.size == 0:
                continue
            count.first_packet = count.first_packet or bytes(packet)[:FIRST_PACKET_BYTES]
            if packet.is_discard:
                count.hidden_frames += 1
                continue
            count.key_frames += packet.is_keyframe
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is None or not packet.time_base:
                continue
            time_s = float(stamp * packet.time_base)
            count.times_s.append(time_s)
            if packet.is_keyframe:
                count.key_times_s.append(time_s)
    except av.FFmpegError as error:
        damaged = UnreadableMediaError(
            "The container is damaged: its packets could not be listed to the end."
        )
        raise refusal(error, limits, damaged) from error
    return count


def _timing(times_s: list[float]) -> tuple[FrameTiming, float | None]:
    """Whether frames come evenly, and how many a second by the median."""
    apart_s = np.diff(np.sort(times_s))
    if len(apart_s) < 2:
        return FrameTiming.UNKNOWN, None
    median_s = median(apart_s.tolist())
    if median_s <= 0:
        return FrameTiming.UNKNOWN, None
    even = np.abs(apart_s - median_s) <= max(SLACK_S, SLACK_SHARE * median_s)
    timing = FrameTiming.CONSTANT if bool(even.all()) else FrameTiming.VARIABLE
    return timing, round(1 / median_s, TIME_DIGITS)


def _stream_facts(stream: Any, count: _Count, length_s: float) -> StreamFacts:
    codec = stream.codec_context
    size_bytes = count.stream_bytes.get(stream.index, 0)
    return StreamFacts(
        kind=stream.type,
        codec=codec.name if codec else None,
        profile=cut(stream.profile) if codec and stream.profile else None,
        bits_per_s=round(8 * size_bytes / length_s) if length_s > 0 else None,
    )


def _brands(metadata: dict[str, str]) -> str | None:
    """The brands of an MP4 or MOV file; FFmpeg writes the compatible ones as one word, four letters each."""
    major, rest = metadata.get("major_brand"), metadata.get("compatible_brands", "")
    if major is None:
        return None
    compatible = (rest[at : at + 4].strip() for at in range(0, len(rest), 4))
    return cut(", ".join(dict.fromkeys([major.strip(), *compatible])))


def _tags(container: Any, streams: list[Any]) -> Iterator[Tag]:
    places = [("file", container.metadata)]
    places += [(f"stream {stream.index}", stream.metadata) for stream in streams[:MAX_STREAMS]]
    for place, metadata in places:
        for name, value in metadata.items():
            yield Tag(place=place, name=cut(name), value=cut(value.strip()))
