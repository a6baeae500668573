"""Pictures: what is fetched and what is not, what is kept, and who may see it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from shopwright.catalogue.product import Product, Variant
from shopwright.serving import fetching, pictures
from shopwright.serving.fetching import (
    PICTURE_BYTES,
    Picture,
    Unfetched,
    connect_publicly,
    fetch_picture,
    is_public,
)
from shopwright.serving.pictures import Pictures, address_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
ADDRESS = "http://shop.example/lamp.png"


def answer(body: bytes = PNG, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def fetched(address: str, *answers: bytes | None, hosts: tuple[str, ...] = ()) -> list[object]:
    """What is fetched from a host that gives these answers (None: never), and the targets that it
    was connected for."""

    async def run() -> list[object]:
        left = list(answers)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            content = left.pop(0)
            if content is None:
                await asyncio.sleep(60)
            else:
                writer.write(content)
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        targets: list[object] = []

        async def connect(host: str, asked: int, is_encrypted: bool) -> fetching.Streams:
            targets.append((host, asked, is_encrypted))
            return await asyncio.open_connection("127.0.0.1", port)

        try:
            return [await fetch_picture(address, hosts, connect), *targets]
        finally:
            server.close()

    return asyncio.run(run())


def test_a_picture_is_told_by_its_bytes() -> None:
    lying = answer(PNG, "200 OK", "content-type: text/html")
    assert fetched(ADDRESS, lying) == [Picture("image/png", PNG), ("shop.example", 80, False)]
    for body in (b"<svg onload=alert(1)>", b"<html>", b""):
        with pytest.raises(Unfetched, match="expected a JPEG"):
            fetched(ADDRESS, answer(body, "200 OK", "content-type: image/png"))


def test_redirects_are_followed_within_the_same_limits() -> None:
    moved = [answer(b"", "302 Found", f"location: {to}") for to in ("/b.png", "//cdn.example/c")]
    found = fetched(ADDRESS, *moved, answer())
    assert [target[0] for target in found[1:]] == ["shop.example", "shop.example", "cdn.example"]
    with pytest.raises(Unfetched, match="hosts of --images"):
        fetched(ADDRESS, *moved, hosts=("shop.example",))
    with pytest.raises(Unfetched, match="redirects"):
        fetched(ADDRESS, *[answer(b"", "301 Moved", "location: /a")] * 4)
    with pytest.raises(Unfetched, match="http or https"):
        fetched(ADDRESS, answer(b"", "302 Found", "location: file:///etc/passwd"))


@pytest.mark.parametrize(
    "content",
    [
        answer(b"", "404 Not Found"),
        answer(b"\xff\xd8\xff" + bytes(PICTURE_BYTES)),
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n" + PNG,
        b"",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100_000,
    ],
    ids=["status", "size", "protocol", "cut", "empty", "head"],
)
def test_anything_else_is_no_picture(content: bytes) -> None:
    with pytest.raises(Unfetched):
        fetched(ADDRESS, content)


def test_a_host_that_stalls_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.1)
    with pytest.raises(Unfetched, match="within"):
        fetched(ADDRESS, None)


@pytest.mark.parametrize(
    "address",
    [
        "", "lamp.png", "ftp://a.example/x", "file:///etc/passwd", "javascript:alert(1)",
        "http://", "http://user:word@a.example/x", "http://a.example:22/x", "http://a.example:x/",
        "http://[::1/x", f"http://a.example/{'x' * 3000}", "data:image/png;base64,AAAA",
        "http://" + "a" * 70 + ".example/",
    ],
)  # fmt: skip
def test_addresses_that_are_not_asked(address: str) -> None:
    with pytest.raises(Unfetched):
        fetched(address, answer())


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1",
        "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::", "ff02::1",
    ],
)  # fmt: skip
def test_private_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "169.254.169.254"]
)
def test_the_services_own_network_is_not_asked(host: str) -> None:
    with pytest.raises(Unfetched):
        asyncio.run(fetch_picture(f"http://{host}/x.png"))


def test_one_private_address_among_several_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def look_up(*_: object, **__: object) -> list[object]:
        return [(2, 1, 6, "", (address, 80)) for address in ("93.184.216.34", "127.0.0.1")]

    async def connect() -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
        await connect_publicly("a.example", 80, False)

    with pytest.raises(Unfetched, match="public host"):
        asyncio.run(connect())


def counting(calls: list[str], content: bytes = PNG) -> Callable[[str], Awaitable[Picture]]:
    async def fetch(address: str) -> Picture:
        calls.append(address)
        await asyncio.sleep(0)
        if "none" in address:
            raise Unfetched("none")
        return Picture("image/png", content)

    return fetch


def test_a_picture_is_fetched_once_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(pictures, "KEPT_BYTES", 2_500)

    async def ask() -> None:
        kept = Pictures(fetch=counting(calls, bytes(500)))
        found = await asyncio.gather(*(kept.get("a") for _ in range(5)), kept.get("none"))
        assert [bool(each) for each in found] == [True] * 5 + [False]
        await kept.get("a")
        await kept.get("none")
        assert calls == ["a", "none"]
        # The oldest make room.
        await kept.get("b")
        await kept.get("c")
        await kept.get("none")
        assert calls == ["a", "none", "b", "c", "none"]

    asyncio.run(ask())


def test_paths_name_a_product_and_carry_a_key() -> None:
    variants = (
        Variant(options={"color": "red"}),
        Variant(options={"color": "blue"}, image="https://a.example/blue"),
    )
    product = Product(asin="A/1 &", title="x", image="https://a.example/x", variants=variants)
    plain = Pictures()
    assert plain.path_of(product, {"color": "red"}) == "/pictures?asin=A%2F1+%26"
    assert plain.path_of(product, {"color": "blue"}) == "/pictures?asin=A%2F1+%26&variant=1"
    assert plain.path_of(Product(asin="B", title="x"), {}) == ""
    assert address_of(product, None) == "https://a.example/x"
    assert [address_of(product, number) for number in (1, 7)] == ["https://a.example/blue", ""]
    locked = Pictures(secret="sesame")
    key = locked.path_of(product, {}).rpartition("key=")[2]
    assert locked.admits("A/1 &", key)
    assert not locked.admits("A/2", key)
    assert not locked.admits("A/1 &", "")
    assert plain.admits("A/1 &", "")
