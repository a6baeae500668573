"""A visit to a server's session, and what the original notes of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from shopwright.errors import InputError
from shopwright.shop.actions import CLICK, SEARCH, Action
from shopwright.shop.pages import PageKind, State, Target
from shopwright.shop.session import Session
from shopwright.webshop.records import Record, reward_record
from shopwright.webshop.server import Server, search_page_record


class Browser:
    """Where a visitor of a server stands.

    Attributes:
        session_id: the session's name; None before the first page.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.session_id: str | None = None
        self._visit: Session | None = None
        self._record: Record = {}

    @property
    def visit(self) -> Session:
        """The visit, as it stands.

        Raises:
            InputError: no page was opened yet.
        """
        if self._visit is None:
            raise InputError("browser: expected a session, got none; get() or reset() begins one")
        return self._visit

    @property
    def page_source(self) -> str:
        """The page as HTML."""
        return self.visit.html()

    @property
    def current_url(self) -> str | None:
        """The page's address; None before the first page."""
        return None if self._visit is None else self._visit.location

    def get(
        self,
        url: str,
        session_id: str | None = None,
        session_int: int | None = None,
        *,
        named_by_chance: bool = False,
    ) -> None:
        """Open the search page of a session.

        Args:
            session_id: the session's name, in place of the address's.
            session_int: the goal's number if the name is new; None to draw one.
            named_by_chance: whether nobody but the environment chose the name.
        """
        name = url.split("/")[-1] if session_id is None else session_id
        number = session_int if isinstance(session_int, int) else None
        self._record = self.server.begin(name, number, named_by_chance=named_by_chance)
        self.session_id = name
        self._visit = Session(
            self.server.shop,
            self.server.goal_for(name),
            show_attributes=self.server.show_attrs,
            generator=self.server.generator,
            name=name,
        )

    def search(self, keywords: str | Sequence[str]) -> dict[str, Any]:
        """Search, on any page, and return ``{"reward", "done"}``."""
        query = keywords if isinstance(keywords, str) else " ".join(keywords)
        return self.act(Action(SEARCH, query))

    def click(
        self, clickable_name: str, text_to_clickable: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Click a name and return ``{"reward", "done"}``; ``text_to_clickable`` has no effect."""
        return self.act(Action(CLICK, clickable_name.lower()))

    def act(self, action: Action) -> dict[str, Any]:
        """Carry out an action, note it in the session's dictionary, return ``{"reward",
        "done"}``."""
        visit, before = self.visit, self.visit.state
        name = self.session_id
        if name is not None and name in self.server.user_sessions:
            visit.goal = self.server.goal_for(name)
            self._record = self.server.user_sessions[name]
        target = visit.clickables.get(action.argument or "")
        reward, done = visit.carry_out(action)
        if visit.state is not before:
            self._note(action, target, visit.state)
        return {"reward": reward, "done": done}

    def _note(self, action: Action, target: Target, state: State) -> None:
        """Write into the session's dictionary what the original does."""
        record = self._record
        if state.page is PageKind.SEARCH:
            record.update(search_page_record())
            return
        counts = record.setdefault("actions", defaultdict(int))
        if state.page is PageKind.RESULTS:
            counts["search"] += 1
        elif state.page is PageKind.DONE and state.reward is not None:
            counts["purchase"] += 1
            record.update(
                done=True, reward=state.reward.total, verbose_info=reward_record(state.reward)
            )
        elif state.page is PageKind.SUBPAGE:
            counts[state.subpage] += 1
        elif target is not None and action.name == CLICK:
            counts["asin" if isinstance(target, int) else "options"] += 1
        asin = None
        if state.row is not None:
            asin = self.server.shop.catalogue.asin_of(state.row)
        record.update(
            keywords=(state.query or "").split(" "),
            page=state.page_number,
            asin=asin,
            asins=set(state.opened),
            options=dict(state.options),
        )
