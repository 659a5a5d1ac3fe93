"""Byte streams to a target, over real sockets."""

import socket
import threading
from collections.abc import Iterator

import pytest

from host_tools.errors import TargetError
from host_tools.link import LinkClosedError, SocketLink, read_until


@pytest.fixture
def ends() -> Iterator[tuple[SocketLink, socket.socket]]:
    """A link, and the socket at its other end."""
    ours, theirs = socket.socketpair()
    made = SocketLink(ours)
    yield made, theirs
    made.close()
    theirs.close()


def test_read_returns_what_there_is(ends: tuple[SocketLink, socket.socket]) -> None:
    made, other = ends
    other.sendall(b"hello")
    assert made.read(100, 5) == b"hello"


def test_read_returns_no_more_than_asked_for(ends: tuple[SocketLink, socket.socket]) -> None:
    made, other = ends
    other.sendall(b"hello")
    assert (made.read(2, 5), made.read(100, 5)) == (b"he", b"llo")


@pytest.mark.parametrize("timeout_s", [0, 0.01, -1])
def test_read_is_empty_when_nothing_came(ends: tuple[SocketLink, socket.socket], timeout_s: float) -> None:
    made, _ = ends
    assert made.read(1, timeout_s) == b""


def test_read_of_a_link_whose_other_end_is_gone(ends: tuple[SocketLink, socket.socket]) -> None:
    made, other = ends
    other.close()
    with pytest.raises(LinkClosedError, match="the target's console is gone"):
        made.read(1, 5)


def test_what_came_before_the_other_end_went_is_read(ends: tuple[SocketLink, socket.socket]) -> None:
    made, other = ends
    other.sendall(b"last words")
    other.close()
    assert made.read(100, 5) == b"last words"


def test_write_to_a_link_whose_other_end_is_gone(ends: tuple[SocketLink, socket.socket]) -> None:
    made, other = ends
    other.close()
    with pytest.raises(LinkClosedError):
        made.write(b"x")


def test_write_of_more_than_the_socket_holds(ends: tuple[SocketLink, socket.socket]) -> None:
    made, other = ends
    data = bytes(range(256)) * 8192
    got = bytearray()
    reader = threading.Thread(target=lambda: got.extend(receive(other, len(data))))
    reader.start()
    made.write(data)
    reader.join(30)
    assert got == data


def receive(end: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += end.recv(4096)
    return data


def test_write_gives_up_when_nothing_is_taken(ends: tuple[SocketLink, socket.socket]) -> None:
    made, _ = ends
    with pytest.raises(TargetError, match=r"the target took nothing for 0\.05 s"):
        made.write(bytes(1 << 22), 0.05)


def test_read_until_joins_what_comes_in_pieces(ends: tuple[SocketLink, socket.socket]) -> None:
    made, other = ends
    writer = threading.Thread(target=lambda: [other.sendall(bytes([byte])) for byte in b"a prompt>"])
    writer.start()
    assert read_until(made, b"prompt>", 30) == b"a prompt>"
    writer.join(30)


def test_read_until_tells_what_came_instead(ends: tuple[SocketLink, socket.socket]) -> None:
    made, other = ends
    other.sendall(b"garbage")
    with pytest.raises(TargetError, match=r"waited 0\.05 s for b'>>> ', got b'garbage'"):
        read_until(made, b">>> ", 0.05)


def test_connect_where_nothing_listens() -> None:
    with pytest.raises(FileNotFoundError):
        SocketLink.connect("/tmp/corten-no-such-socket")
