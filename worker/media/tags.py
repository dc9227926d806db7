"""What is kept of the tags in a file: those of devices, programs and times. Others may tell about people."""

from collections.abc import Iterable

from deeptrace_core.provenance import Tag

MAX_TAGS = 64
TEXT_CHARACTERS = 160


def cut(said: str) -> str:
    """No more of a stranger's text than is read."""
    return said[:TEXT_CHARACTERS]


def sorted_out(
    found: Iterable[Tag], kept: frozenset[str], structure: frozenset[str]
) -> tuple[tuple[Tag, ...], tuple[str, ...]]:
    """The tags that are kept, unless they are empty, and the names of the others, whose values stay.

    Args:
        kept: names in lower case, like `structure`.
        structure: what belongs to the format, and is no news at all.
    """
    chosen, others = [], []
    for tag in found:
        name = tag.name.lower()
        if name in kept and tag.value:
            chosen.append(tag)
        elif name not in kept | structure:
            others.append(tag.name)
    return tuple(chosen[:MAX_TAGS]), tuple(dict.fromkeys(others[:MAX_TAGS]))
