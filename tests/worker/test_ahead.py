"""One item is made while the last is used, and no more."""

import threading
from collections.abc import Iterator

import pytest

from worker.ahead import one_ahead


def test_the_items_come_in_order_and_only_one_waits() -> None:
    """However slowly they are used."""
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1, 6):
            made.append(number)
            yield number

    with one_ahead(items()) as ahead:
        for used in ahead:
            assert len(made) <= used + 1
    assert made == [1, 2, 3, 4, 5]


def test_the_next_is_made_while_the_last_is_used() -> None:
    """Else nothing would be gained: here each waits for the other."""
    using = threading.Event()

    def items() -> Iterator[str]:
        yield "first"
        assert using.wait(10)
        yield "second"

    with one_ahead(items()) as ahead:
        assert next(ahead) == "first"
        using.set()
        assert next(ahead) == "second"


def test_an_error_comes_where_its_item_would() -> None:
    """What was made before is not lost."""

    def items() -> Iterator[int]:
        yield 1
        raise ValueError("damaged")

    with one_ahead(items()) as ahead:
        assert next(ahead) == 1
        with pytest.raises(ValueError, match="damaged"):
            next(ahead)


def test_whoever_stops_waits_for_what_is_being_made() -> None:
    """So that nothing works on a file that is closed by then."""
    making, finished = threading.Event(), threading.Event()

    def items() -> Iterator[int]:
        yield 1
        making.set()
        threading.Event().wait(0.3)
        finished.set()
        yield 2

    with one_ahead(items()) as ahead:
        assert next(ahead) == 1
        assert making.wait(10)
    assert finished.is_set()
