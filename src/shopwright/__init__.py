"""shopwright trains shopping agents from a product catalogue.

The names here are the public ones; each is imported when it is first used, so that
``import shopwright`` is quick and loads no torch. Importing also makes
``gymnasium.make("shopwright/Shop-v0")`` work.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gymnasium.envs.registration import register, registry

__version__ = "0.1.0"

_NAMES = {
    "api": ("Training", "evaluate", "generate", "load_agent", "recommend", "train"),
    "catalogue.generate": ("generate_products",),
    "catalogue.product": ("Product",),
    "catalogue.webshop": ("read_webshop",),
    "errors": ("ShopwrightError",),
    "evaluation.episodes": ("Evaluation",),
    "recommending.recommendation": ("Recommendation", "RecommendedItem"),
    "rollouts.generate": ("Generated",),
    "rollouts.records": ("Trajectory",),
    "shop.environment": ("ShopEnvironment",),
    "shop.goals": ("Goal", "Goals"),
    "shop.reward": ("Reward",),
    "shop.session": ("Session",),
    "shop.shop": ("Shop", "build_shop"),
    "shop.vector": ("make_vector",),
}
_HOME = {name: f"shopwright.{module}" for module, names in _NAMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOME)]

if TYPE_CHECKING:
    from shopwright.api import Training as Training
    from shopwright.api import evaluate as evaluate
    from shopwright.api import generate as generate
    from shopwright.api import load_agent as load_agent
    from shopwright.api import recommend as recommend
    from shopwright.api import train as train
    from shopwright.catalogue.generate import generate_products as generate_products
    from shopwright.catalogue.product import Product as Product
    from shopwright.catalogue.webshop import read_webshop as read_webshop
    from shopwright.errors import ShopwrightError as ShopwrightError
    from shopwright.evaluation.episodes import Evaluation as Evaluation
    from shopwright.recommending.recommendation import Recommendation as Recommendation
    from shopwright.recommending.recommendation import RecommendedItem as RecommendedItem
    from shopwright.rollouts.generate import Generated as Generated
    from shopwright.rollouts.records import Trajectory as Trajectory
    from shopwright.shop.environment import ShopEnvironment as ShopEnvironment
    from shopwright.shop.goals import Goal as Goal
    from shopwright.shop.goals import Goals as Goals
    from shopwright.shop.reward import Reward as Reward
    from shopwright.shop.session import Session as Session
    from shopwright.shop.shop import Shop as Shop
    from shopwright.shop.shop import build_shop as build_shop
    from shopwright.shop.vector import make_vector as make_vector


if "shopwright/Shop-v0" not in registry:
    register(
        id="shopwright/Shop-v0",
        entry_point="shopwright.shop.environment:ShopEnvironment",
        vector_entry_point="shopwright.shop.vector:ShopVectorEnvironment",
        # Acting after a purchase is part of the original's behaviour.
        order_enforce=False,
    )
    register(
        id="shopwright/Conversation-v0",
        entry_point="shopwright.conversations.environment:ConversationEnvironment",
    )
    for _world in ("Advertised", "Basket", "Cheapest", "FourShops", "Matching", "SameBrand"):
        register(
            id=f"shopwright/{_world}-v0",
            entry_point="shopwright.worlds.environment:WorldEnvironment",
            kwargs={"world": _world},
        )
    register(
        id="shopwright/Returning-v0",
        entry_point="shopwright.customers.returning.environment:ReturningEnvironment",
    )


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'shopwright' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
