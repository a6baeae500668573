"""The service as an application of Ray Serve: replicas on the machines of a cluster.

    serve run --working-dir deploy ray_serve:app

Each replica reads from the environment of its node, as `ray start` had it there:
    SHOPWRIGHT_SHOP: the shop's folder, which every node sees under this path and maps into memory.
    AGENT: a run folder, or the name of a built-in agent.
    STORE: postgresql://USER@HOST/DATABASE, after `shopwright store migrate`.
    SHOPWRIGHT_TOKEN: what clients must send; without it anyone may ask.
"""

from __future__ import annotations

import os
import secrets
from typing import Any

from ray import serve


def application() -> Any:
    """Return the ASGI application of one replica, in its own process."""
    from shopwright.agents.registry import open_agent
    from shopwright.encoding.compute import use_threads
    from shopwright.serving.app import create_app
    from shopwright.serving.labels import check_reads, label_of
    from shopwright.serving.service import Service
    from shopwright.shop.shop import Shop
    from shopwright.store.database import place_of
    from shopwright.store.store import Store

    use_threads(1)  # A replica has one core.
    name = os.environ["AGENT"]
    label = label_of(name)

    def agents(shop: Shop) -> dict[str, Any]:
        return {label: check_reads(label, open_agent(name, shop))}

    shop = Shop.of(None)
    service = Service(shop, agents(shop), None, reopen=agents)
    # Replicas draw among agents by the same posterior, each with random numbers of its own.
    service.begin(
        Store(place_of(os.environ["STORE"]), shop.origin, shared=True),
        stream=secrets.token_hex(8),
    )
    return create_app(service, token=os.environ.get("SHOPWRIGHT_TOKEN"))


app = serve.deployment(
    serve.ingress(application)(),
    name="shopwright",
    num_replicas=2,
    max_ongoing_requests=32,
    ray_actor_options={"num_cpus": 1},
).bind()
