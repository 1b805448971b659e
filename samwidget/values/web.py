"""Read what an http(s) address answers, piece by piece, within limits of size and time."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from urllib.parse import urlsplit

import requests
import urllib3

TIMEOUT_S = 30
"""How long a server may send nothing."""
GRACE_S = 30
SLOWEST_BYTES_PER_S = 10_000
"""What an answer must reach on average once :data:`GRACE_S` are over."""

_PIECE_BYTES = 1 << 20
_HEADERS = {"User-Agent": "samwidget"}


class FetchError(Exception):
    """An address gave nothing that can be used; the text says why and names the host."""


class TooLargeError(FetchError):
    """An address gives more than is read."""


def stream(url: str, *, max_bytes: int, max_seconds: float) -> Generator[bytes]:
    """Fetch an address.

    Parameters
    ----------
    url
        An http(s) address.
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
        When there is no answer, a status of 400 or more, a broken or a very slow connection, or a
        body beyond the limits.

    Examples
    --------
    >>> with closing(stream(url, max_bytes=10**6, max_seconds=60)) as pieces:  # doctest: +SKIP
    ...     body = b"".join(pieces)
    """
    start = time.monotonic()
    host = urlsplit(url).netloc
    count = 0
    with _ask(url, host, max_seconds) as response:
        if response.status_code >= 400:
            raise FetchError(f"{host} answered {response.status_code} {response.reason}")
        length = response.headers.get("Content-Length", "")
        declared = int(length) if length.isdecimal() else 0
        if declared > max_bytes:
            raise TooLargeError(
                f"{host} announces {declared:,} bytes, more than the {max_bytes:,} that are read"
            )
        try:
            # Not iter_content: it waits until a piece is full, so that a server which sends a byte
            # now and then would never be seen to be slow.
            while piece := response.raw.read1(_PIECE_BYTES, decode_content=True):
                count += len(piece)
                if count > max_bytes:
                    raise TooLargeError(
                        f"{host} sends more than the {max_bytes:,} bytes that are read"
                    )
                seconds = time.monotonic() - start
                slowest = min(max_seconds, GRACE_S + count / SLOWEST_BYTES_PER_S)
                if seconds > slowest:
                    raise FetchError(
                        f"{host} is too slow: {count:,} bytes came in {seconds:,.0f} seconds"
                    )
                yield piece
        except urllib3.exceptions.DecodeError as error:
            raise FetchError(f"what {host} sends is not encoded as it says: {error}") from error
        except urllib3.exceptions.ReadTimeoutError as error:
            raise FetchError(
                f"{host} fell silent for {TIMEOUT_S} seconds after {count:,} bytes"
            ) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            total = f" of {declared:,}" if declared else ""
            raise FetchError(
                f"the connection to {host} broke after {count:,}{total} bytes; try again"
            ) from error


def _ask(url: str, host: str, max_seconds: float) -> requests.Response:
    """Wait for the head of an answer.

    The timeout of requests begins anew with every byte, and knows nothing of the look-up of names.
    So a thread asks, and is left alone when it takes too long.
    """
    answer: Future[requests.Response] = Future()

    def ask() -> None:
        try:
            response = requests.get(url, stream=True, timeout=TIMEOUT_S, headers=_HEADERS)
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
    except (requests.exceptions.RequestException, ValueError) as error:
        raise FetchError(_why(error, host)) from error
    finally:
        answer.cancel()  # does nothing to one that is there


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
    return str(error)  # an address that is none, redirects in a circle
