"""A server that says on the bare connection whatever a test wants, right or wrong."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

Talk = Callable[[socket.socket], None]


class Server:
    """Answers every request with what the test says on the bare connection."""

    def __init__(self) -> None:
        self.talk: Talk = lambda connection: None
        self.requests: list[bytes] = []
        self.gone = threading.Event()  # the client has ended the connection
        self.stopped = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/cat.png"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(65536)
            self.requests.append(request)
            try:
                self.talk(connection)
            except OSError:
                self.gone.set()

    def drip(self, connection: socket.socket, what: bytes) -> None:
        """Send again and again, until the client goes or the test ends."""
        while not self.stopped.wait(0.01):
            connection.sendall(what)

    def close(self) -> None:
        self.stopped.set()
        with suppress(OSError):  # wakes accept()
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join()


def answer(body: bytes, *headers: str, status: str = "200 OK") -> Talk:
    lines = [f"HTTP/1.1 {status}", *headers, "Connection: close", "", ""]
    return lambda connection: connection.sendall("\r\n".join(lines).encode() + body)


def chunked(body: bytes) -> bytes:
    return f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
