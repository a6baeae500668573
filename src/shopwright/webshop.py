"""WebShop's own text environment under its own name and calls, over a shop of ours.

Code written for the original runs with one changed import::

    from shopwright.webshop import WebAgentTextEnv   # from web_agent_site.envs import ...

    env = WebAgentTextEnv(observation_mode="text", shop="shops/webshop", human_goals=False)
    observation, _ = env.reset(session=7)
    observation, reward, done, info = env.step("search[red shoes]")

So does code that makes it by its name, ``gymnasium.make("WebAgentTextEnv-v0", ...)``, once this
module is imported. Where it differs from the original:

- The products come from a shop folder: ``shop=``, or ``file_path`` if it is one, else the folder
  that the environment variable ``SHOPWRIGHT_SHOP`` names. ``file_path`` may also be WebShop's file
  of products, with its file of attributes beside it: then a shop is built for this process.
- Price limits are the same in every process, and the global random state is neither read nor
  changed: a generator of the server's own stands in, in the state in which the original leaves
  the global one after loading (seed 233), so that undisturbed programs draw the same goals.
- Actions that crash the original change nothing.
- There are no image features, and no ``browser``; ``get_instruction_text`` also works on the page
  after a purchase.
- Sessions that were named by chance are forgotten after 10,000 others.
"""

from __future__ import annotations

import atexit
import os
import shutil
import string
import tempfile
from pathlib import Path
from typing import Any

import gymnasium
from gymnasium.envs.registration import register, registry

from shopwright.catalogue.webshop import read_webshop
from shopwright.errors import InputError, UnavailableError
from shopwright.shop.pages import PageKind
from shopwright.shop.shop import SHOP_VARIABLE, Shop, build_shop
from shopwright.shop.spaces import UnicodeText
from shopwright.shop.webshop_server import Server, reward_record

OBSERVATION_MODES = ("html", "text", "text_rich", "url")
_ARGUMENTS = (
    "num_products human_goals show_attrs filter_goals limit_goals session session_prefix "
    "num_prev_obs num_prev_actions get_image shop generator goal_draw"
).split()


class WebAgentTextEnv(gymnasium.Env[str, str]):
    """The original's text environment: see the module for how it differs.

    Args:
        observation_mode: "html", "text", "text_rich" or "url".
        file_path: a shop folder, or WebShop's file of products (``items_shuffle*.json``).
        server: the ``server`` of another environment, to share its shop, goals and sessions.
        num_products: how many of a file's products to read; a shop may not have more.
        human_goals: whether to use the requests that people wrote.
        show_attrs: whether item pages lead to an "Attributes" page.
        filter_goals: takes a goal's number and its dictionary; which goals to keep.
        limit_goals: keep this many goals, drawn by weight; -1 for all.
        session: of no effect, as in the original: ``reset`` names the session.
        session_prefix: stands before the names of sessions.
        num_prev_obs, num_prev_actions: how many earlier observations and actions ``step`` puts
            before the new observation, joined by ``[SEP]``.
        get_image: must be false: there are no image features.
        shop: a shop or the path of its folder.
        generator: draws goals and names of sessions in place of the server's own.
        goal_draw: "original", or "weighted" without the original's off-by-one, as for
            :class:`ShopEnvironment`.

    Raises:
        InputError: an argument cannot be used, or there is no shop.
        UnavailableError: ``get_image`` was asked for.
    """

    metadata = {"render_modes": []}  # noqa: RUF012 (Gymnasium's own form)

    def __init__(
        self,
        observation_mode: str = "html",
        file_path: str | os.PathLike[str] | None = None,
        server: Server | None = None,
        **kwargs: Any,
    ) -> None:
        unknown = sorted(set(kwargs) - set(_ARGUMENTS))
        if unknown:
            raise InputError(f"WebAgentTextEnv: unknown argument {', '.join(unknown)}")
        if observation_mode not in OBSERVATION_MODES:
            raise InputError(
                f"observation_mode: expected one of {', '.join(OBSERVATION_MODES)}, "
                f"got {observation_mode!r}"
            )
        if kwargs.get("get_image"):
            raise UnavailableError("get_image: expected 0, as there are no image features")
        self.observation_mode = observation_mode
        self.kwargs = kwargs
        self.file_path = file_path
        self.base_url = "http://127.0.0.1:3000"
        self.observation_space = UnicodeText()
        self.action_space = UnicodeText()
        self.server = server or Server(
            _shop(kwargs.get("shop"), file_path, kwargs.get("num_products")),
            kwargs.get("filter_goals"),
            kwargs.get("limit_goals", -1),
            bool(kwargs.get("human_goals")),
            bool(kwargs.get("show_attrs")),
            kwargs.get("generator"),
            kwargs.get("goal_draw", "original"),
        )
        self.session_prefix: str | None = kwargs.get("session_prefix")
        self.num_prev_obs: int = kwargs.get("num_prev_obs", 0)
        self.num_prev_actions: int = kwargs.get("num_prev_actions", 0)
        self.prev_obs: list[str] = []
        self.prev_actions: list[str] = []
        self.reset()

    def reset(  # type: ignore[override]
        self, session: int | str | None = None, instruction_text: str | None = None
    ) -> tuple[str, None]:
        """Go to the search page of a session and return (observation, None).

        Args:
            session: the session's name; a name used before keeps its goal, a number that is new
                is the number of the goal. None for a new session.
            instruction_text: what :attr:`instruction_text` says instead of the page's request.
        """
        number = None
        if session is None:
            letters = self.server.generator.choices(string.ascii_lowercase, k=10)
            self.session = "".join(letters)
        else:
            self.session = str(session)
            number = session if isinstance(session, int) else None
        if self.session_prefix is not None:
            self.session = self.session_prefix + self.session
        self._visit = self.server.begin(self.session, number, named_by_chance=session is None)
        self.instruction_text = (
            self.get_instruction_text() if instruction_text is None else instruction_text
        )
        observation = self.observation
        self.prev_obs = [observation]
        self.prev_actions = []
        return observation, None

    def step(self, action: str) -> tuple[str, float, bool, None]:  # type: ignore[override]
        """Carry out an action and return (observation, reward, done, None).

        Args:
            action: ``search[words]`` or ``click[name]``; any other changes nothing.
        """
        reward, done = self._visit.act(action)
        if done:
            parts = self._visit.state.reward
            assert parts is not None
            self.server.user_sessions[self.session].update(
                done=True, reward=reward, verbose_info=reward_record(parts)
            )
        observation = self.observation
        self.prev_actions.append(action)
        texts = [observation]
        for back in range(1, 1 + max(self.num_prev_obs, self.num_prev_actions)):
            if back <= min(self.num_prev_actions, len(self.prev_actions)):
                texts.append(self.prev_actions[-back])
            if back <= min(self.num_prev_obs, len(self.prev_obs)):
                texts.append(self.prev_obs[-back])
        self.prev_obs.append(observation)
        return " [SEP] ".join(reversed(texts)), reward, done, None

    def get_available_actions(self) -> dict[str, Any]:
        """Return ``{"has_search_bar": bool, "clickables": [str, ...]}``."""
        return {
            "has_search_bar": self._visit.has_search_bar,
            "clickables": list(self._visit.clickables),
        }

    @property
    def text_to_clickable(self) -> dict[str, Any]:
        """What can be clicked; the values are of no meaning here."""
        return dict(self._visit.clickables)

    @property
    def observation(self) -> str:
        """The page in the observation mode."""
        if self.observation_mode == "html":
            return self._visit.html()
        if self.observation_mode == "text":
            return self._visit.text()
        if self.observation_mode == "text_rich":
            return self._visit.text_rich()
        return self._visit.location

    @property
    def state(self) -> dict[str, str]:
        """The page's address and HTML, and the request."""
        return {
            "url": self._visit.location,
            "html": self._visit.html(),
            "instruction_text": self.instruction_text,
        }

    def get_instruction_text(self) -> str:
        """Return the request as the page heads it, e.g. "Instruction: Find me …"."""
        lead = "Instruction:"
        if self._visit.state.page is PageKind.SEARCH:
            lead = "Instruction: "
        return lead + self._visit.goal.instruction

    def get_image(self) -> Any:
        """Not available.

        Raises:
            UnavailableError: always.
        """
        raise UnavailableError("get_image: there are no image features")

    def render(self, mode: str = "human") -> None:
        """Do nothing, as the original."""

    def close(self) -> None:
        """Do nothing, as the original."""


def _shop(
    shop: Shop | str | os.PathLike[str] | None,
    file_path: str | os.PathLike[str] | None,
    num_products: int | None,
) -> Shop:
    chosen = shop or file_path or os.environ.get(SHOP_VARIABLE)
    if chosen is None:
        raise InputError(
            "WebAgentTextEnv: expected shop= or file_path=, or a shop folder in the environment "
            f"variable {SHOP_VARIABLE}, got none of them"
        )
    if not isinstance(chosen, Shop):
        path = Path(chosen)
        if path.suffix == ".json":
            return _built_from(path, num_products)
        chosen = Shop.open(path)
    if num_products is not None and len(chosen.catalogue) > num_products:
        raise InputError(
            f"num_products: expected at least the {len(chosen.catalogue)} products of "
            f"{chosen.folder}, got {num_products}; build a shop of fewer"
        )
    return chosen


def _built_from(items: Path, num_products: int | None) -> Shop:
    """A shop built for this process from WebShop's own files."""
    names = [
        items.name.replace("items_shuffle", name) for name in ("items_ins_v2", "items_human_ins")
    ]
    attributes, human = (items.with_name(name) for name in names)
    folder = Path(tempfile.mkdtemp(prefix="shopwright-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    products = read_webshop(
        items, attributes, human if human.exists() else None, limit=num_products
    )
    return build_shop(
        products,
        folder / "shop",
        source={"kind": "webshop", "items": items.name},
    )


if "WebAgentTextEnv-v0" not in registry:
    register(
        id="WebAgentTextEnv-v0",
        entry_point="shopwright.webshop:WebAgentTextEnv",
        # Bare: Gymnasium's wrappers expect other values from reset and step than the original's.
        order_enforce=False,
        disable_env_checker=True,
    )
