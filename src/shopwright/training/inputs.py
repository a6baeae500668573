"""What a training reads: its checksums, since a run goes on only with the same inputs, and what of
it is held out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from shopwright.files import sha256
from shopwright.rollouts.records import Trajectory
from shopwright.shop.shop import Shop

_HELD_OUT_SHARE = 10


def checksum(records: Iterable[Any]) -> str:
    """Return a checksum of records that JSON can hold, dataclasses among them."""
    digest = hashlib.sha256()
    for record in records:
        digest.update(orjson.dumps(record))
    return digest.hexdigest()


def fingerprint(shop: Shop, trajectories: Sequence[Trajectory]) -> dict[str, str]:
    """Return checksums of a shop and of trajectories."""
    return {
        "shop_manifest_sha256": sha256(shop.folder / "manifest.json"),
        "trajectories_sha256": checksum(trajectory.to_record() for trajectory in trajectories),
    }


def is_held_out(request: str) -> bool:
    """Whether a request is kept to measure on: one in ten, by hash."""
    digest = hashlib.sha256(request.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") % _HELD_OUT_SHARE == 0
