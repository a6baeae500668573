"""One picture from an address that a catalogue names: such addresses are untrusted.

A catalogue must not make the service talk to its own network. So only public addresses are
connected to, those that were looked up for this very connection; redirects are checked as the first
address was; and what comes back has bounds in size, time and kind, and is told by its first bytes.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from socket import SOCK_STREAM
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

PICTURE_BYTES = 4 * 1024 * 1024
SECONDS = 10.0
REDIRECTS = 3
ADDRESS_CHARACTERS = 2_048
_CHUNK = 64 * 1024
_PORTS = {"http": 80, "https": 443}
_HOMES = IPv6Network("2000::/3")  # All that is global; what translates to IPv4 lies elsewhere.
_SAFE = "/%:@!$&'()*+,;=~-._?"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
# Opens a connection to (host, port, whether it is encrypted).
Connect = Callable[[str, int, bool], Awaitable[Streams]]


class Unfetched(Exception):
    """A picture that cannot be had; the message says why, for the log."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it came."""

    media_type: str
    content: bytes


class _Target(NamedTuple):
    host: str
    port: int
    is_encrypted: bool
    path: str


def is_public(address: str) -> bool:
    """Whether an address in figures belongs to the public internet."""
    found = ip_address(address.partition("%")[0])
    if not found.is_global or found.is_multicast:
        return False
    if isinstance(found, IPv6Address):
        return found in _HOMES and found.sixtofour is None and found.teredo is None
    return True


async def connect_publicly(host: str, port: int, is_encrypted: bool) -> Streams:
    """Connect to a host all of whose addresses are public.

    Raises:
        Unfetched: one of them is not.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(map(is_public, addresses)):
        raise Unfetched(f"expected a public host, got {host!r:.80}")
    context = ssl.create_default_context() if is_encrypted else None
    # To the address that was checked: another look-up might give another.
    return await asyncio.open_connection(
        addresses[0], port, ssl=context, server_hostname=host if is_encrypted else None
    )


async def fetch_picture(
    address: str, hosts: Sequence[str] = (), connect: Connect = connect_publicly
) -> Picture:
    """Return the picture at an address.

    Args:
        hosts: where pictures may come from, redirects included; ``*.example.com`` for all below
            one; none for any public host.

    Raises:
        Unfetched: the address is not allowed, or no picture comes within the bounds.
    """
    try:
        async with asyncio.timeout(SECONDS):
            for _ in range(REDIRECTS + 1):
                target = _target(address, hosts)
                status, headers, content = await _get(target, connect)
                if status in (301, 302, 303, 307, 308):
                    address = urljoin(address, headers.get("location", ""))
                    continue
                if status != 200:
                    raise Unfetched(f"expected status 200, got {status}")
                return Picture(_media_type(content), content)
        raise Unfetched(f"expected at most {REDIRECTS} redirects, got more")
    except TimeoutError:
        raise Unfetched(f"expected a picture within {SECONDS:.0f} seconds") from None
    except (OSError, UnicodeError, ValueError) as error:
        raise Unfetched(f"{type(error).__name__}: {error}") from None


def _target(address: str, hosts: Sequence[str]) -> _Target:
    if len(address) > ADDRESS_CHARACTERS:
        raise Unfetched(f"expected an address of at most {ADDRESS_CHARACTERS} characters")
    # Feeds often leave the scheme to the page.
    parts = urlsplit(f"https:{address}" if address.startswith("//") else address)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Unfetched(f"expected an address with http or https, got {address!r:.80}")
    if parts.username is not None or parts.port not in (None, _PORTS[parts.scheme]):
        raise Unfetched("expected an address without a user and with the usual port")
    host = parts.hostname.rstrip(".").encode("idna").decode().lower()
    if hosts and not any(
        host == allowed or (allowed.startswith("*.") and host.endswith(allowed[1:]))
        for allowed in hosts
    ):
        raise Unfetched(f"expected one of the hosts of --images, got {host!r:.80}")
    query = f"?{parts.query}" if parts.query else ""
    path = quote(f"{parts.path or '/'}{query}", safe=_SAFE)
    return _Target(host, _PORTS[parts.scheme], parts.scheme == "https", path)


async def _get(target: _Target, connect: Connect) -> tuple[int, dict[str, str], bytes]:
    """Ask once; return status, headers and, of status 200, the body."""
    import h11

    reader, writer = await connect(target.host, target.port, target.is_encrypted)
    try:
        connection = h11.Connection(h11.CLIENT)
        headers = [
            ("Host", target.host),
            ("Accept", "image/avif, image/webp, image/png, image/jpeg, image/gif"),
            ("Accept-Encoding", "identity"),
            ("User-Agent", "shopwright"),
            ("Connection", "close"),
        ]
        request = h11.Request(method="GET", target=target.path, headers=headers)
        writer.write(connection.send(request) or b"")
        writer.write(connection.send(h11.EndOfMessage()) or b"")
        await writer.drain()
        status, found, body = 0, dict[str, str](), bytearray()
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(_CHUNK))
            elif isinstance(event, h11.Response):
                status = event.status_code
                found = {name.decode(): value.decode("latin-1") for name, value in event.headers}
                if status != 200:
                    return status, found, b""
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > PICTURE_BYTES:
                    raise Unfetched(f"expected a picture of at most {PICTURE_BYTES} bytes")
            elif not isinstance(event, h11.InformationalResponse):
                return status, found, bytes(body)
    except h11.ProtocolError as error:
        raise Unfetched(f"expected HTTP, got: {error}") from None
    finally:
        writer.transport.abort()


def _media_type(content: bytes) -> str:
    """What a picture is by its first bytes; what may hold scripts (SVG) is none."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    raise Unfetched("expected a JPEG, PNG, GIF, WebP or AVIF picture, got something else")
