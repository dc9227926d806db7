"""Decoding the sound track of an untrusted file, as mono at the rate that is wanted, block by block."""

from collections.abc import Callable, Iterator

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard
from numpy.typing import NDArray

from deeptrace_core.audio import AudioReason, AudioTrack
from deeptrace_core.errors import UnreadableMediaError
from worker.audio.interface import NotHeardError
from worker.media.container import open_file, refusal, videos
from worker.media.limits import Limits

PROTECTED_TAGS = ("enca", "drms")
"""How MP4 marks a sound track that is encrypted: by the common standard, and in iTunes' own way."""

BLOCK_SAMPLES = 16_000

Block = tuple[float, NDArray[np.float32]]
"""The time of the first sample in seconds, and (n,) float32, full scale -1 to 1."""


def first_track(container: InputContainer) -> tuple[AudioStream, AudioTrack]:
    """The sound track to listen to.

    Raises:
        NotHeardError: there is none, or it is protected or coded in an unknown way.
    """
    if not container.streams.audio:
        raise NotHeardError(
            AudioReason.NO_AUDIO,
            "There is no sound track in the file.",
            "Nothing needs to be done if the file is meant to be silent.",
        )
    stream = container.streams.audio[0]
    context: AudioCodecContext | None = stream.codec_context
    if context is not None and context.codec_tag in PROTECTED_TAGS:
        raise NotHeardError(
            AudioReason.PROTECTED,
            "The sound track is protected against copying (DRM), and cannot be decoded without its key.",
            "Get a version without this protection from whoever published it.",
        )
    if context is None or not context.sample_rate or not context.channels:
        raise NotHeardError(AudioReason.UNDECODABLE, "The sound is coded in a way that is unknown here.")
    track = AudioTrack(
        codec=context.name,
        channels=context.channels,
        rate_hz=context.sample_rate,
        more_tracks=len(container.streams.audio) - 1,
    )
    return stream, track


def read_samples(
    file: int,
    rate_hz: int,
    limits: Limits,
    *,
    on_track: Callable[[AudioTrack], None],
    on_packet: Callable[[int], None],
) -> Iterator[Block]:
    """Decode and resample a whole track. Times count from the first frame of the video, if there is one.

    Args:
        file: a descriptor open for reading.
        on_track: called once, before the first block.
        on_packet: called with the number of packets read.

    Raises:
        NotHeardError: there is no track, it cannot be decoded, or it is damaged.
        InputError: the file cannot be read at all, or memory ran out.
    """
    with open_file(file, limits) as container:
        stream, track = first_track(container)
        on_track(track)
        origin_s = _origin_s(container, stream)
        held: list[NDArray[np.float32]] = []
        held_count = count = 0
        start_s = 0.0
        for time_s, samples in _resampled(_frames(container, stream, limits, on_packet), rate_hz):
            if not held:
                start_s = count / rate_hz if time_s is None else time_s - origin_s
            held.append(samples)
            held_count += len(samples)
            count += len(samples)
            if count > limits.audio_s * rate_hz:
                raise NotHeardError(
                    AudioReason.UNDECODABLE, f"The sound is longer than {limits.audio_s / 3600:g} hours."
                )
            if held_count >= BLOCK_SAMPLES:
                yield start_s, np.concatenate(held)
                held, held_count = [], 0
        if held:
            yield start_s, np.concatenate(held)


def _origin_s(container: InputContainer, stream: AudioStream) -> float:
    reference = next(iter(videos(container)), stream)
    return float((reference.start_time or 0) * (reference.time_base or 0))


def _frames(
    container: InputContainer, stream: AudioStream, limits: Limits, on_packet: Callable[[int], None]
) -> Iterator[AudioFrame]:
    # A decoder that hides damage would hand invented sound to the detector.
    stream.codec_context.options = {"err_detect": "explode"}
    for other in container.streams:
        if other is not stream:
            other.discard = Discard.all  # so that pictures are not even read, where the format allows that
    decoded_s = 0.0
    try:
        for number, packet in enumerate(container.demux(), start=1):
            on_packet(number)
            if number > limits.packets:
                raise NotHeardError(AudioReason.UNDECODABLE, "The file has too many packets.")
            if packet.stream is not stream:
                continue
            try:
                frames = stream.codec_context.decode(packet)
            except av.FFmpegError:
                # What was cut out of a running recording may begin in the middle of a packet.
                if decoded_s == 0:
                    continue
                raise
            for frame in frames:
                decoded_s += frame.samples / frame.sample_rate
                yield frame
    except av.FFmpegError as error:
        said = refusal(error, limits, UnreadableMediaError(f"{error}"))
        if not isinstance(said, UnreadableMediaError):
            raise said from error
        raise NotHeardError(
            AudioReason.UNDECODABLE, f"The sound could not be decoded after {decoded_s:.1f} s: it is damaged."
        ) from error
    if decoded_s == 0:
        raise NotHeardError(AudioReason.UNDECODABLE, "Not one piece of the sound track could be decoded.")


def _resampled(
    frames: Iterator[AudioFrame], rate_hz: int
) -> Iterator[tuple[float | None, NDArray[np.float32]]]:
    """Mono samples as they come, each piece with the time that its frame states."""
    resampler: AudioResampler | None = None
    made_for = None
    for frame in frames:
        # Some tracks change their format on the way, and a resampler is made for one.
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if resampler is None or form != made_for:
            yield from _rest_of(resampler)
            resampler, made_for = AudioResampler(format="flt", layout="mono", rate=rate_hz), form
        time_s = frame.time
        frame.pts = None  # or silence would be made up where time stamps jump
        for resampled in resampler.resample(frame):
            yield time_s, _samples(resampled)
    yield from _rest_of(resampler)


def _rest_of(resampler: AudioResampler | None) -> Iterator[tuple[None, NDArray[np.float32]]]:
    """What a resampler still holds."""
    if resampler is not None:
        for resampled in resampler.resample(None):
            yield None, _samples(resampled)


def _samples(frame: AudioFrame) -> NDArray[np.float32]:
    samples: NDArray[np.float32] = frame.to_ndarray()[0]
    if not np.isfinite(samples).all():
        raise NotHeardError(AudioReason.UNDECODABLE, "The sound track holds values that are no numbers.")
    return samples
