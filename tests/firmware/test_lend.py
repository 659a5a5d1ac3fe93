"""Reading shares, writing excludes."""

import pytest

from corten.lend import Borrowed, Buffer


@pytest.fixture
def buffer():
    made = Buffer(4)
    made[:] = b"abcd"
    return made


def test_unlent_it_is_like_a_bytearray(buffer):
    buffer[0] = 0x41
    assert (buffer[0], buffer[1:3], len(buffer)) == (0x41, b"bc", 4)
    with pytest.raises(ValueError, match=r"."):
        buffer[:2] = b"xyz"


def test_readers_share(buffer):
    first, second = buffer.lend_shared("UART1"), buffer.lend_shared("UART2")
    assert buffer[:] == bytes(first.view) == bytes(second.view) == b"abcd"
    first.give_back()
    with pytest.raises(Borrowed, match="lent to UART2 for reading"):
        buffer[0] = 1
    second.give_back()
    buffer[0] = 1


@pytest.mark.parametrize("change", [lambda b: b.resize(8), lambda b: b.lend_exclusive("other"), lambda b: b[0]])
def test_a_writer_excludes_all(buffer, change):
    loan = buffer.lend_exclusive("UART1")
    with pytest.raises(Borrowed, match="lent to UART1 for writing"):
        change(buffer)
    with pytest.raises(Borrowed, match="lent to UART1 for writing"):
        buffer.lend_shared("other")
    loan.view[0] = 0x7A
    loan.give_back()
    loan.give_back()
    assert buffer[:] == b"zbcd"


@pytest.mark.parametrize("change", [lambda b: b.resize(8), lambda b: b.lend_exclusive("other")])
def test_a_reader_keeps_it_from_changing(buffer, change):
    with buffer.lend_shared("UART1") as loan:
        assert (loan.size, loan.to, loan.writes) == (4, "UART1", False)
        with pytest.raises(Borrowed, match="lent to UART1 for reading"):
            change(buffer)
    change(buffer)


def test_resizing_keeps_what_fits(buffer):
    buffer.resize(6)
    assert buffer[:] == b"abcd\0\0"
    buffer.resize(2)
    assert buffer[:] == b"ab"
