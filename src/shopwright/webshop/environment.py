"""WebShop's own text environment under its own name and calls."""

from __future__ import annotations

import os
import random
import string
import sys
import warnings
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from shopwright.errors import InputError
from shopwright.shop.actions import parse_action
from shopwright.shop.pages import PageKind
from shopwright.shop.shop import SHOP_VARIABLE, Shop
from shopwright.shop.spaces import UnicodeText
from shopwright.webshop.browser import Browser
from shopwright.webshop.built import shop_of_files, shop_of_folder
from shopwright.webshop.page_text import page_text, rich_page_text
from shopwright.webshop.server import GoalFilter, Server

OBSERVATION_MODES = ("html", "text", "text_rich", "url")
IMAGE_FEATURES = 512

ShopPath = Shop | str | os.PathLike[str]


def open_shop(
    shop: ShopPath | None = None,
    file_path: str | os.PathLike[str] | None = None,
    attr_path: str | os.PathLike[str] | None = None,
    num_products: int | None = None,
) -> Shop:
    """Return the shop that the arguments of :class:`WebAgentTextEnv` name.

    Raises:
        InputError: there is none, or it has more products.
        MissingFileError, ShopError, CatalogueError: it cannot be opened or built.
    """
    chosen = shop or file_path or os.environ.get(SHOP_VARIABLE)
    if not chosen:
        raise InputError(
            "WebAgentTextEnv: expected shop= or file_path=, or a shop folder in the environment "
            f"variable {SHOP_VARIABLE}, got none of them"
        )
    if not isinstance(chosen, Shop):
        path = Path(chosen)
        if path.suffix == ".json":
            return shop_of_files(path, Path(attr_path) if attr_path else None, num_products)
        chosen = shop_of_folder(path)
    if num_products is not None and len(chosen.catalogue) > num_products:
        raise InputError(  # Searches would find others.
            f"num_products: expected at least the {len(chosen.catalogue)} products of "
            f"{chosen.folder}, got {num_products}; build a shop of fewer"
        )
    return chosen


class WebAgentTextEnv(gymnasium.Env[str, str]):
    """The original's text environment: see :mod:`shopwright.webshop` for how it differs.

    Arguments that are not listed give a warning and have no effect.

    Args:
        observation_mode: "html", "text", "text_rich" or "url".
        file_path: a shop folder, or WebShop's file of products (``items_shuffle*.json``).
        server: the ``server`` of another environment, to share its shop, goals and sessions; the
            arguments about these then have no effect.
        attr_path: WebShop's file of attributes; None for the one beside ``file_path``.
        num_products: how many of a file's products to read; a shop may not have more.
        human_goals: whether to use the requests that people wrote.
        show_attrs: whether item pages lead to an "Attributes" page.
        filter_goals: takes a goal's number and its dictionary; which goals to keep.
        limit_goals: keep this many goals, drawn by weight; -1 for all.
        seed: shuffles the goals, as forks with this argument do; None for the original's order.
        session: of no effect, as in the original: ``reset`` names the session.
        session_prefix: stands before the names of sessions.
        num_prev_obs, num_prev_actions: how many earlier observations and actions ``step`` puts
            before the new observation, joined by ``[SEP]``.
        get_image: gives a warning: there are no image features.
        shop: a shop or the path of its folder.
        generator: draws goals and names of sessions in place of the server's own.
        goal_draw: "original", or "weighted" without the original's off-by-one, as for
            :class:`ShopEnvironment`.

    Raises:
        InputError: an argument cannot be used, or there is no shop.
    """

    metadata = {"render_modes": ["human", "ansi"]}  # noqa: RUF012 (Gymnasium's own form)

    def __init__(
        self,
        observation_mode: str = "html",
        file_path: str | os.PathLike[str] | None = None,
        server: Server | None = None,
        *,
        attr_path: str | os.PathLike[str] | None = None,
        num_products: int | None = None,
        human_goals: bool | int | None = False,
        show_attrs: bool | int = False,
        filter_goals: GoalFilter | None = None,
        limit_goals: int = -1,
        seed: int | None = None,
        session: int | str | None = None,
        session_prefix: str | None = None,
        num_prev_obs: int = 0,
        num_prev_actions: int = 0,
        get_image: bool | int = False,
        shop: ShopPath | None = None,
        generator: random.Random | None = None,
        goal_draw: str = "original",
        **unknown: Any,
    ) -> None:
        if unknown:
            warnings.warn(
                f"WebAgentTextEnv: {', '.join(sorted(unknown))} has no effect", stacklevel=2
            )
        if get_image:
            warnings.warn(
                "WebAgentTextEnv: get_image() gives zeros, as there are no image features",
                stacklevel=2,
            )
        if observation_mode not in OBSERVATION_MODES:
            raise InputError(
                f"observation_mode: expected one of {', '.join(OBSERVATION_MODES)}, "
                f"got {observation_mode!r}"
            )
        self.observation_mode = observation_mode
        self.file_path = file_path
        self.base_url = "http://127.0.0.1:3000"
        self.observation_space = UnicodeText()
        self.action_space = UnicodeText()
        self.server = server or Server(
            open_shop(shop, file_path, attr_path, num_products),
            filter_goals,
            limit_goals,
            bool(human_goals),
            bool(show_attrs),
            seed,
            generator,
            goal_draw,
        )
        self.browser = Browser(self.server)
        self.session: int | str | None = session
        self.session_prefix = session_prefix
        self.num_prev_obs = num_prev_obs
        self.num_prev_actions = num_prev_actions
        self.prev_obs: list[str] = []
        self.prev_actions: list[str] = []
        self.instruction_text = ""
        self.reset()

    def reset(  # type: ignore[override]
        self, session: int | str | None = None, instruction_text: str | None = None
    ) -> tuple[str, None]:
        """Go to the search page of a session and return (observation, None).

        Args:
            session: the session's name; a name used before keeps its goal, a number that is new
                is the number of the goal. None for a new session.
            instruction_text: what :attr:`instruction_text` says instead of the page's request.

        Raises:
            InputError: there is no goal of this number.
        """
        number = session if isinstance(session, int) else None
        if isinstance(session, np.integer):
            warnings.warn(
                f"session: got a {type(session).__name__}, which WebShop takes for a name: a goal "
                f"is drawn. Pass int(session) for goal number {session}",
                stacklevel=2,
            )
        if session is None:
            name = "".join(self.server.generator.choices(string.ascii_lowercase, k=10))
        else:
            name = str(session)
        self.session = name = (self.session_prefix or "") + name
        self.browser.get(f"{self.base_url}/{name}", name, number, named_by_chance=session is None)
        self.instruction_text = (
            WebAgentTextEnv.get_instruction_text(self)
            if instruction_text is None
            else instruction_text
        )
        observation = self.observation
        self.prev_obs = [observation]
        self.prev_actions = []
        return observation, None

    def step(self, action: str) -> tuple[str, float, bool, None]:  # type: ignore[override]
        """Carry out an action and return (observation, reward, done, None).

        Args:
            action: ``search[words]`` or ``click[name]``; any other changes nothing.

        Raises:
            InputError: the action is no text.
        """
        if not isinstance(action, str):
            raise InputError(f"action: expected a text, got {action!r}")
        status = self.browser.act(parse_action(action))
        observation = self.observation
        self.prev_actions.append(action)
        texts = [observation]
        for back in range(1, 1 + max(self.num_prev_obs, self.num_prev_actions)):
            if back <= min(self.num_prev_actions, len(self.prev_actions)):
                texts.append(self.prev_actions[-back])
            if back <= min(self.num_prev_obs, len(self.prev_obs)):
                texts.append(self.prev_obs[-back])
        self.prev_obs.append(observation)
        return " [SEP] ".join(reversed(texts)), status["reward"], status["done"], None

    def get_available_actions(self) -> dict[str, Any]:
        """Return ``{"has_search_bar": bool, "clickables": [str, ...]}``."""
        visit = self.browser.visit
        return {"has_search_bar": visit.has_search_bar, "clickables": list(visit.clickables)}

    @property
    def text_to_clickable(self) -> dict[str, Any]:
        """What can be clicked; the values are of no meaning here."""
        return dict(self.browser.visit.clickables)

    @property
    def observation(self) -> str:
        """The page in the observation mode."""
        visit = self.browser.visit
        if self.observation_mode == "html":
            return visit.html()
        if self.observation_mode == "text":
            return visit.text()
        if self.observation_mode == "text_rich":
            return visit.text_rich()
        return visit.location

    @property
    def state(self) -> dict[str, str]:
        """The page's address and HTML, and the request."""
        return {
            "url": self.browser.visit.location,
            "html": self.browser.page_source,
            "instruction_text": self.instruction_text,
        }

    def convert_html_to_text(self, html: str, simple: bool = False) -> str:
        """Return a page as the ``text`` observation shows it, or, unless ``simple``, as
        ``text_rich`` does."""
        if simple:
            return page_text(html)
        visit = self.browser.visit
        return rich_page_text(html, visit.location, visit.state.opened)

    def get_instruction_text(self) -> str:
        """Return the request as the page heads it, e.g. "Instruction: Find me …"."""
        visit = self.browser.visit
        lead = "Instruction: " if visit.state.page is PageKind.SEARCH else "Instruction:"
        return lead + visit.goal.instruction

    def get_image(self) -> Any:
        """Return zeros, (512,) float32, in place of a picture's features; a tensor if the
        program has imported torch."""
        torch = sys.modules.get("torch")
        if torch is not None:
            return torch.zeros(IMAGE_FEATURES)
        return np.zeros(IMAGE_FEATURES, dtype=np.float32)

    def render(self, mode: str = "human") -> str | None:
        """Return the page as ``text_rich`` for mode "ansi"; else do nothing, as the original."""
        return self.browser.visit.text_rich() if mode == "ansi" else None

    def close(self) -> None:
        """Do nothing, as the original."""

    def __repr__(self) -> str:
        return f"<WebAgentTextEnv {self.observation_mode!r} of {self.server!r}>"
