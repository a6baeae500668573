"""WebShop's modules by name, for code that imports them."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from shopwright.shop.actions import (
    ATTRIBUTES,
    BACK_TO_SEARCH,
    BUY_NOW,
    DESCRIPTION,
    FEATURES,
    NEXT_PAGE,
    PREVIOUS_PAGE,
    REVIEWS,
    split_action,
)
from shopwright.shop.pages import RESULTS_PER_PAGE
from shopwright.shop.price_limits import PRICE_LIMITS_DOLLARS
from shopwright.shop.reward import shorten_colour
from shopwright.shop.shop import SHOP_VARIABLE, Shop
from shopwright.webshop import original
from shopwright.webshop.browser import Browser
from shopwright.webshop.environment import WebAgentTextEnv

PACKAGES = ("web_agent_site", "webshop_minimal")


def _init_basedir(dataset: str = "small") -> None:
    """Choose among a fork's own data; here the shop decides."""


_ENGINE: dict[str, Any] = {
    "parse_action": split_action,
    "load_products": original.load_products,
    "get_product_per_page": original.get_product_per_page,
    "SEARCH_RETURN_N": Shop.SEARCH_LIMIT,
    "PRODUCT_WINDOW": RESULTS_PER_PAGE,
    "END_BUTTON": BUY_NOW,
    "NEXT_PAGE": NEXT_PAGE,
    "PREV_PAGE": PREVIOUS_PAGE,
    "BACK_TO_SEARCH": BACK_TO_SEARCH,
    "ACTION_TO_TEMPLATE": {
        DESCRIPTION: "description_page.html",
        FEATURES: "features_page.html",
        REVIEWS: "review_page.html",
        ATTRIBUTES: "attributes_page.html",
    },
}


def _modules(default_path: str) -> dict[str, dict[str, Any]]:
    """Module → its names, relative to the package; that of one fork lies flat."""
    environment = {"WebAgentTextEnv": WebAgentTextEnv}
    goal = {
        "get_reward": original.get_reward,
        "get_attribute_reward": original.get_attribute_reward,
        "get_option_reward": original.get_option_reward,
        "PRICE_RANGE": list(PRICE_LIMITS_DOLLARS),
    }
    normalize = {"normalize_color": shorten_colour}
    policies = {"HumanPolicy": original.HumanPolicy, "RandomPolicy": original.RandomPolicy}
    classes = {**environment, "SimServer": original.SimServer, "SimBrowser": Browser}
    return {
        "": {**environment, "init_basedir": _init_basedir},
        "envs": environment,
        "envs.web_agent_text_env": classes,
        "env": classes,
        "engine": _ENGINE,
        "engine.engine": _ENGINE,
        "engine.goal": goal,
        "goal": goal,
        "engine.normalize": normalize,
        "normalize": normalize,
        "models": policies,
        "models.models": policies,
        "utils": {
            "DEFAULT_FILE_PATH": default_path,
            "DEFAULT_ATTR_PATH": "",
            "HUMAN_ATTR_PATH": "",
            "DEBUG_PROD_SIZE": None,
            "random_idx": original.random_idx,
            "init_basedir": _init_basedir,
        },
    }


def install(*packages: str, shop: str | os.PathLike[str] | None = None) -> None:
    """Let imports of WebShop's package find what stands in for it here.

    Args:
        packages: under which names, each with the dots it is imported with, for instance
            ``"webshop.web_agent_site"``; ``web_agent_site`` and ``webshop_minimal`` if none.
        shop: the path of the shop of environments that are given none: its folder, or WebShop's
            file of products. It becomes the environment variable ``SHOPWRIGHT_SHOP``; None leaves
            that as it is.

    Example:
        >>> import shopwright.webshop
        >>> shopwright.webshop.install(shop="shops/webshop")
        >>> from web_agent_site.envs import WebAgentTextEnv
        >>> from web_agent_site.engine.goal import get_reward
    """
    if shop is not None:
        os.environ[SHOP_VARIABLE] = os.path.abspath(shop)
    default_path = os.environ.get(SHOP_VARIABLE, "")
    for package in packages or PACKAGES:
        for name, contents in _modules(default_path).items():
            _put(f"{package}.{name}" if name else package, contents)


def _put(name: str, contents: dict[str, Any]) -> None:
    """Make a module of this name, and the packages above it where there are none."""
    module = ModuleType(name, "Stands in for a module of WebShop's; see shopwright.webshop.")
    module.__path__ = []  # A package: modules below it are imported from sys.modules.
    vars(module).update(contents)
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        try:
            import_module(parent)
        except ImportError:
            _put(parent, {})
        setattr(sys.modules[parent], child, module)
