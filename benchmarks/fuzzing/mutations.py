"""What can happen to the bytes of a video: by accident, and by intent."""

import struct
from collections.abc import Callable
from random import Random

HEADER_BYTES = 2048
EXTREMES = (0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"moof", b"traf", b"mvex", b"udta"}
"""Boxes of MP4 that hold boxes."""

Mutation = Callable[[bytearray, Random], None]


def mutate(data: bytes, random: Random) -> tuple[bytes, list[str]]:
    """Data damaged in one to three ways, and their names."""
    mutated = bytearray(data)
    chosen = random.choices(MUTATIONS, k=random.choice((1, 1, 2, 3)))
    for mutation in chosen:
        if mutated:
            mutation(mutated, random)
    return bytes(mutated), [mutation.__name__ for mutation in chosen]


def flip_bits(data: bytearray, random: Random) -> None:
    """A few, anywhere."""
    for _ in range(random.choice((1, 4, 16, 64))):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def flip_bits_of_the_header(data: bytearray, random: Random) -> None:
    """Where each bit has a meaning."""
    for _ in range(random.choice((1, 2, 8))):
        data[random.randrange(min(len(data), HEADER_BYTES))] ^= 1 << random.randrange(8)


def set_a_field_to_an_extreme(data: bytearray, random: Random) -> None:
    """Sizes, counts and offsets of nothing, of everything, and just around."""
    at = random.randrange(min(len(data), HEADER_BYTES))
    form = random.choice((">I", "<I", ">H", "<H"))
    value = random.choice(EXTREMES) & (0xFFFF if form[1] == "H" else 0xFFFFFFFF)
    packed = struct.pack(form, value)
    data[at : at + len(packed)] = packed


def cut(data: bytearray, random: Random) -> None:
    """The end is missing."""
    del data[random.randrange(len(data)) :]


def lose_a_piece(data: bytearray, random: Random) -> None:
    """From the middle."""
    start, end = _piece(data, random)
    del data[start:end]


def zero_a_run(data: bytearray, random: Random) -> None:
    """A hole, as file systems leave after a crash."""
    start, end = _piece(data, random)
    data[start:end] = bytes(end - start)


def overwrite_a_run(data: bytearray, random: Random) -> None:
    """Noise."""
    start, end = _piece(data, random)
    data[start:end] = random.randbytes(end - start)


def repeat_a_piece(data: bytearray, random: Random) -> None:
    """Written twice."""
    start, end = _piece(data, random)
    data[end:end] = data[start:end]


def swap_two_pieces(data: bytearray, random: Random) -> None:
    """Of the same length."""
    length = random.randrange(1, max(2, len(data) // 4))
    first, second = (random.randrange(max(1, len(data) - length)) for _ in range(2))
    one, other = data[first : first + length], data[second : second + length]
    data[first : first + length], data[second : second + length] = other, one


def swap_two_boxes(data: bytearray, random: Random) -> None:
    """The units that the container itself is made of; plain pieces where it has none."""
    boxes = _boxes(data)
    if len(boxes) < 2:
        return swap_two_pieces(data, random)
    (start, end), (other_start, other_end) = sorted(random.sample(boxes, 2))
    if other_start < end:  # one holds the other
        return repeat_a_piece(data, random)
    data[start:other_end] = data[other_start:other_end] + data[end:other_start] + data[start:end]
    return None


def repeat_a_box(data: bytearray, random: Random) -> None:
    """Two of what should be one, or many more."""
    boxes = _boxes(data)
    if not boxes:
        return repeat_a_piece(data, random)
    start, end = random.choice(boxes)
    data[end:end] = data[start:end] * random.choice((1, 1, 20))
    return None


def lie_about_the_size_of_a_box(data: bytearray, random: Random) -> None:
    """Longer or shorter than it is."""
    boxes = _boxes(data)
    if not boxes:
        return set_a_field_to_an_extreme(data, random)
    start, end = random.choice(boxes)
    at = start if bytes(data[:4]) != b"RIFF" else start + 4
    form = ">I" if at == start else "<I"
    size = random.choice((0, 1, 7, 8, end - start - 1, end - start + 8, 2**31, 2**32 - 1)) % 2**32
    data[at : at + 4] = struct.pack(form, size)
    return None


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    flip_bits_of_the_header,
    set_a_field_to_an_extreme,
    cut,
    lose_a_piece,
    zero_a_run,
    overwrite_a_run,
    repeat_a_piece,
    swap_two_pieces,
    swap_two_boxes,
    repeat_a_box,
    lie_about_the_size_of_a_box,
)


def _piece(data: bytearray, random: Random) -> tuple[int, int]:
    length = random.choice((1, 16, 256, 4096, max(1, len(data) // 4)))
    start = random.randrange(len(data))
    return start, min(len(data), start + length)


def _boxes(data: bytearray) -> list[tuple[int, int]]:
    """Where the boxes of MP4, the chunks of AVI or the packets of MPEG-TS lie; nothing for others."""
    if bytes(data[4:8]) == b"ftyp":
        return list(_mp4_boxes(data, 0, len(data)))
    if bytes(data[:4]) == b"RIFF":
        return list(_riff_chunks(data, 12, len(data)))
    if len(data) > 376 and data[0] == data[188] == data[376] == 0x47:
        return [(at, at + 188) for at in range(0, len(data) - 187, 188)]
    return []


def _mp4_boxes(data: bytearray, start: int, end: int) -> list[tuple[int, int]]:
    found = []
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        stop = min(end, start + size)
        if size < 8:
            break
        found.append((start, stop))
        if kind in CONTAINERS:
            found += _mp4_boxes(data, start + 8, stop)
        start = stop
    return found


def _riff_chunks(data: bytearray, start: int, end: int) -> list[tuple[int, int]]:
    found = []
    while start + 8 <= end:
        kind, size = struct.unpack_from("<4sI", data, start)
        stop = min(end, start + 8 + size + size % 2)
        found.append((start, stop))
        if kind == b"LIST":
            found += _riff_chunks(data, start + 12, stop)
        start = stop
    return found
