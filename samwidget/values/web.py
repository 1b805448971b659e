"""Read what an http(s) address answers, piece by piece, within limits of size and time."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from concurrent.futures import Future, InvalidStateError
from contextlib import closing, contextmanager, suppress
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

import requests
import urllib3

from samwidget.values.encodings import EncodingError, decoded
from samwidget.values.errors import shortened, text_of

TIMEOUT_S = 30
"""How long a server may send nothing."""
GRACE_S = 30
SLOWEST_BYTES_PER_S = 10_000
"""What an answer must reach on average once :data:`GRACE_S` are over."""

_PIECE_BYTES = 1 << 20
_HEADERS = {"User-Agent": "samwidget", "Accept-Encoding": "identity"}
_MOST_REDIRECTS = 20
_HOST_LENGTH = 60


class FetchError(Exception):
    """An address gave nothing that can be used; the text says why and names the host."""


class TooLargeError(FetchError):
    """An address gives more than is read."""


def stream(url: str, *, max_bytes: int, max_seconds: float) -> Generator[bytes]:
    """Fetch an address.

    Parameters
    ----------
    url
        An http(s) address, with spaces and letters of any language; ``user:password@`` in it is
        sent as basic authentication and told to nobody else.
    max_bytes
        Of the body, once its content encoding is undone.
    max_seconds
        In all, from the look-up of the name to the last byte.

    Yields
    ------
    bytes
        The next piece, none of them empty. Close the generator to end the connection early.

    Raises
    ------
    FetchError
        When there is no answer, a status other than success, a broken or a very slow connection, a
        body that is cut short, or one beyond the limits.

    Examples
    --------
    >>> with closing(stream(url, max_bytes=10**6, max_seconds=60)) as pieces:  # doctest: +SKIP
    ...     body = b"".join(pieces)
    """
    start = time.monotonic()
    host = host_of(url)
    with closing(_ask(url, host, max_seconds)) as response:
        host = host_of(response.url)
        if not 200 <= response.status_code < 300:
            reason = shortened(response.reason or "", _HOST_LENGTH)
            raise FetchError(f"{host} answered {response.status_code} {reason}".rstrip())
        length = response.headers.get("Content-Length", "")
        declared = int(length) if length.isdecimal() and len(length) < _HOST_LENGTH else 0
        if declared > max_bytes:
            raise TooLargeError(
                f"{host} announces {declared:,} bytes, more than the {max_bytes:,} that are read"
            )
        encoding = response.headers.get("Content-Encoding", "")
        count = 0
        with _Watch(response.raw, host, start, max_seconds).watching() as watch:
            try:
                for piece in decoded(_pieces(response.raw, watch), encoding):
                    count += len(piece)
                    if count > max_bytes:
                        raise TooLargeError(
                            f"{host} sends more than the {max_bytes:,} bytes that are read"
                        )
                    yield piece
            except EncodingError as error:
                watch.check()
                raise FetchError(f"what {host} sends {error}") from error
            except urllib3.exceptions.ReadTimeoutError as error:
                raise FetchError(
                    f"{host} fell silent for {TIMEOUT_S} seconds after {watch.count:,} bytes"
                ) from error
            except (urllib3.exceptions.HTTPError, OSError) as error:
                watch.check()
                total = f" of {declared:,}" if declared else ""
                raise FetchError(
                    f"the connection to {host} broke after {watch.count:,}{total} bytes; try again"
                ) from error


def host_of(url: str) -> str:
    """Give an address's host, with its port but without user and password, for messages."""
    try:
        netloc = urlsplit(url).netloc
    except ValueError:
        return "the address"
    return shortened(netloc.rpartition("@")[2], _HOST_LENGTH) or "the address"


def _pieces(raw: Any, watch: _Watch) -> Generator[bytes]:
    """Read what comes, as it comes."""
    # Not iter_content: it waits until a piece is full, so that a server which sends a byte now and
    # then would never be seen to be slow.
    while piece := raw.read1(_PIECE_BYTES, decode_content=False):
        watch.count += len(piece)
        watch.check()
        yield piece
    watch.check()  # the watch's own end of the connection looks like the body's


class _Watch:
    """Ends a connection that has become too slow, also in the midst of a read.

    A timeout of the socket begins anew with every byte, and a single read may wait for many of
    them: the line with a chunk's size, for instance.
    """

    def __init__(self, raw: Any, host: str, start: float, max_seconds: float) -> None:
        self.count = 0
        self._raw = raw
        self._host = host
        self._start = start
        self._max_seconds = max_seconds
        self._late = False
        self._done = threading.Event()

    @contextmanager
    def watching(self) -> Generator[_Watch]:
        threading.Thread(
            target=self._watch, name=f"samwidget watches {self._host}", daemon=True
        ).start()
        try:
            yield self
        finally:
            self._done.set()

    def check(self) -> None:
        """Raise FetchError when it is too slow."""
        if self._late or self._left() < 0:
            self._late = True
            seconds = time.monotonic() - self._start
            raise FetchError(
                f"{self._host} is too slow: {self.count:,} bytes came in {seconds:,.0f} seconds"
            )

    def _left(self) -> float:
        allowed = min(self._max_seconds, GRACE_S + self.count / SLOWEST_BYTES_PER_S)
        return self._start + allowed - time.monotonic()

    def _watch(self) -> None:
        while not self._done.wait(max(self._left(), 0.0)):
            if self._left() < 0:
                self._late = True
                with suppress(Exception):  # it may have ended meanwhile
                    self._raw.shutdown()
                return


def _ask(url: str, host: str, max_seconds: float) -> requests.Response:
    """Wait for the head of an answer.

    The timeout of requests begins anew with every byte, and knows nothing of the look-up of names.
    So a thread asks, and is left alone when it takes too long.
    """
    answer: Future[requests.Response] = Future()

    def ask() -> None:
        try:
            response = _follow(url)
        except Exception as error:  # whoever waits raises it
            with suppress(InvalidStateError):
                answer.set_exception(error)
            return
        try:
            answer.set_result(response)
        except InvalidStateError:
            response.close()

    threading.Thread(target=ask, name=f"samwidget asks {host}", daemon=True).start()
    try:
        return answer.result(timeout=min(max_seconds, GRACE_S + TIMEOUT_S))
    except TimeoutError:
        raise FetchError(f"{host} does not answer") from None
    except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:  # those of requests, too
        raise FetchError(_why(error, host)) from error
    finally:
        answer.cancel()  # does nothing to one that is there


class _Session(requests.Session):
    """One that goes nowhere else: requests would read the bodies on the way, to no end."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002
        return None


def _follow(url: str) -> requests.Response:
    """Ask for an address and for those that it leads to."""
    session = _Session()
    auth = _user_of(url)
    for _ in range(_MOST_REDIRECTS):
        response: requests.Response = session.get(
            url, stream=True, timeout=TIMEOUT_S, headers=_HEADERS, auth=auth
        )
        target = _target(response)
        if target is None:
            return response
        response.close()
        host = host_of(response.url)
        if not target.lower().startswith(("http://", "https://")):
            raise FetchError(f"{host} leads to {shortened(target)}, which is no http(s) address")
        if _user_of(target) is not None or session.should_strip_auth(response.url, target):
            auth = _user_of(target)
        url = target
    raise FetchError(f"{host_of(url)} redirects more than {_MOST_REDIRECTS} times, in a circle")


def _target(response: requests.Response) -> str | None:
    """Give the address that an answer leads to, if it does."""
    if not response.is_redirect:
        return None
    # Headers come as latin-1, whatever they are.
    location = response.headers["Location"].strip().encode("latin-1", "replace")
    return urljoin(response.url, quote(location, safe="%/:=&?~#+!$,;'@()*[]"))


def _user_of(url: str) -> tuple[str, str] | None:
    """Give user and password as requests must have them to send UTF-8, as browsers do."""
    parts = urlsplit(url)
    if parts.username is None:
        return None
    plain = unquote(parts.username), unquote(parts.password or "")
    user, password = (text.encode().decode("latin-1") for text in plain)
    return user, password


def _why(error: Exception, host: str) -> str:
    if isinstance(error, requests.exceptions.ReadTimeout):
        return f"{host} does not answer"
    if isinstance(error, requests.exceptions.SSLError):
        return f"{host} could not prove who it is (TLS certificate); a proxy may be in between"
    if isinstance(error, requests.exceptions.ProxyError):
        return f"the proxy that is set does not let through to {host}"
    if error.args and isinstance(error.args[0], urllib3.exceptions.ProtocolError):
        return f"{host} broke off before it answered, or is no web server"
    if isinstance(error, requests.exceptions.ConnectionError | requests.exceptions.Timeout):
        return f"{host} cannot be reached: no network, or a firewall in between"
    if isinstance(error, ValueError | urllib3.exceptions.HTTPError):
        # The text of requests holds the whole address, with its password.
        return "it is no valid address; it begins with http:// or https:// and the name of a host"
    return shortened(text_of(error))
