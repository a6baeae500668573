"""WebShop's own text environment under its own name and calls, over a shop of ours.

Code written for the original runs with one changed import::

    from shopwright.webshop import WebAgentTextEnv   # from web_agent_site.envs import ...

    env = WebAgentTextEnv(observation_mode="text", shop="shops/webshop", human_goals=False)
    observation, _ = env.reset(session=7)
    observation, reward, done, info = env.step("search[red shoes]")

or unchanged, after ``shopwright.webshop.install(shop="shops/webshop")``. So does code that makes
it by its name, ``gymnasium.make("WebAgentTextEnv-v0", ...)`` or the old ``gym.make``, once this
module is imported. Where it differs from the original:

- The products come from a shop folder: ``shop=``, or ``file_path`` if it is one, else the one
  that the environment variable ``SHOPWRIGHT_SHOP`` names, which ``install`` sets. It may also be
  WebShop's file of products, with its file of attributes beside it: then a shop is built once and
  kept in the user's cache folder.
- Price limits are the same in every process, and the global random state is neither read nor
  changed: a generator of the server's own stands in, in the state in which the original leaves
  the global one after loading (seed 233), so that undisturbed programs draw the same goals.
- Actions that crash the original change nothing.
- There are no image features; ``get_instruction_text`` also works on the page after a purchase.
- Sessions that were named by chance are dropped after 10,000 others.
- Assigning ``server.weights`` counts, and assigning ``server.goals`` of another number takes their
  weights; in the original only ``cum_weights`` counts, and stays as it was.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from shopwright.webshop.environment import WebAgentTextEnv as WebAgentTextEnv
from shopwright.webshop.installing import install as install
from shopwright.webshop.server import Server as Server

__all__ = ["Server", "WebAgentTextEnv", "install"]

ENVIRONMENT_ID = "WebAgentTextEnv-v0"


def _register(library: str) -> None:
    """Register the environment with Gymnasium or the old gym, bare: their wrappers expect other
    values from reset and step than the original's."""
    registration: Any = import_module(f"{library}.envs.registration")
    known = registration.registry
    if ENVIRONMENT_ID in (known if isinstance(known, dict) else known.env_specs):
        return
    entry_point = "shopwright.webshop:WebAgentTextEnv"
    try:
        registration.register(
            id=ENVIRONMENT_ID,
            entry_point=entry_point,
            order_enforce=False,
            disable_env_checker=True,
        )
    except TypeError:  # Releases of gym before there was a checker.
        registration.register(id=ENVIRONMENT_ID, entry_point=entry_point, order_enforce=False)


_register("gymnasium")
if find_spec("gym") is not None:
    _register("gym")
