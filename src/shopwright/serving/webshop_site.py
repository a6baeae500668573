"""WebShop's web site: its own addresses, for agents that fetch its pages.

The pages are the ``html`` observation with working links. As on the original's site, requests are
those that people wrote, a session ``fixed_7`` has goal 7, and any other name draws one.

Source: ``web_agent_site/app.py`` of WebShop. Deviation: slashes in searches are found, not refused;
a session that was not begun, or a product that is not there, is answered with 404; sessions are
dropped after 10,000 others; the page after a purchase does not disclose the goal.
"""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

from shopwright.errors import GoalError, InputError
from shopwright.json_fields import are_texts
from shopwright.shop.actions import (
    BACK_TO_SEARCH,
    BUY_NOW,
    NEXT_PAGE,
    PREVIOUS_PAGE,
    SEARCH_BUTTON,
    SUBPAGES,
)
from shopwright.shop.goals import Goal
from shopwright.shop.pages import PageKind, State
from shopwright.shop.render_html import html
from shopwright.shop.session import rows_found
from shopwright.shop.shop import Shop
from shopwright.webshop.server import KEPT_SESSIONS, Server

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

_FIXED = "fixed"
# Choosing an option opens its address; agents read it from the element.
_SCRIPT = (
    "<script>document.querySelectorAll('input[data-url]').forEach(input => "
    "input.addEventListener('click', () => { location.href = input.dataset.url; }));</script>"
)


class Site:
    """The pages of WebShop's site by their addresses.

    Args:
        human_goals: whether requests are those that people wrote, as on the original's site.

    Raises:
        InputError: there are no such goals.
    """

    def __init__(self, shop: Shop, *, human_goals: bool = True) -> None:
        self._shop = shop
        self._server = Server(shop, human_goals=human_goals)
        self._cumulative_weights = self._server.cum_weights[1:]
        self._lock = Lock()

    def search_page(self, session: str) -> str:
        """Return the search page; a new session begins.

        Raises:
            InputError: a name with "fixed" does not end with the number of a goal.
        """
        with self._lock:
            if session not in self._server.user_sessions:
                self._server.begin(session, self._number(session))
                if len(self._server.user_sessions) > KEPT_SESSIONS:
                    self._server.drop(next(iter(self._server.user_sessions)))
        return self._page(session, State(), "")

    def _number(self, session: str) -> int:
        count = len(self._server.goals)
        if _FIXED not in session:
            chosen = self._server.generator.choices(
                range(count), cum_weights=self._cumulative_weights
            )
            return chosen[0]
        number = session.split("_")[-1]
        if not number.isdecimal() or int(number) >= count:
            raise InputError(f"session: expected {_FIXED}_0 to {_FIXED}_{count - 1}, got {session}")
        return int(number)

    def results_page(self, session: str, keywords: str, page: int) -> str:
        """Return a page of search results.

        Args:
            keywords: the words, or the text of a list of them.
            page: its number, from 1.
        """
        words = _listed(keywords)
        query = keywords if words is None else " ".join(words)
        if words is None and " " in query:
            rows = self._shop.search_rows(query)  # Special queries come as lists.
        else:
            with self._lock:
                rows = rows_found(self._shop, query, self._server.generator) or ()
        state = State(PageKind.RESULTS, query, page, rows)
        return self._page(session, state, keywords)

    def product_page(
        self,
        session: str,
        asin: str,
        keywords: str,
        page: int,
        options: Mapping[str, str],
        subpage: str | None = None,
    ) -> str:
        """Return a product's page, or one of its texts if ``subpage`` names one."""
        if subpage not in (None, *SUBPAGES):
            raise GoalError(f"page: expected one of {', '.join(SUBPAGES)}, got {subpage}")
        kind = PageKind.ITEM if subpage is None else PageKind.SUBPAGE
        state = State(kind, keywords, page, row=self._row(asin), options=options, subpage=subpage)
        return self._page(session, state, keywords)

    def done_page(self, session: str, asin: str, options: Mapping[str, str]) -> str:
        """Return the page after a purchase."""
        reward = self._shop.reward(self._goal(session), asin, options)
        record = self._server.user_sessions[session]
        record.update(done=True, reward=reward.total)
        state = State(PageKind.DONE, row=self._row(asin), options=options, reward=reward)
        return self._page(session, state, "")

    def _row(self, asin: str) -> int:
        row = self._shop.catalogue.row_of(asin)
        if row is None:
            raise GoalError(f"asin: expected a product of this shop, got {asin!r}")
        return row

    def _goal(self, session: str) -> Goal:
        if session not in self._server.user_sessions:
            raise GoalError(f"session: expected one that was begun, got {session}; open /{session}")
        return self._server.goal_for(session)

    def _page(self, session: str, state: State, keywords: str) -> str:
        """A page with its links; ``keywords`` as the address has them."""
        goal = self._goal(session)
        item = None
        if state.row is not None:
            item = self._shop.item_view(state.row, False)

        def address(*parts: object) -> str:
            return "/" + "/".join(quote(str(part), safe="") for part in parts)

        def product(asin: str, options: Mapping[str, str]) -> str:
            return address("item_page", session, asin, keywords, state.page_number, dict(options))

        def results(page: int) -> str:
            return address("search_results", session, keywords, page)

        def link(name: str, group: str | None) -> str:
            if item is None:
                if name in (SEARCH_BUTTON, BACK_TO_SEARCH):
                    return address(session)
                if name in (NEXT_PAGE, PREVIOUS_PAGE):
                    return results(state.page_number + (1 if name == NEXT_PAGE else -1))
                return product(name, {})
            asin, chosen = item.product.asin, dict(state.options)
            if group is not None:
                return product(asin, {**chosen, group: name})
            if name == BACK_TO_SEARCH:
                return address(session)
            if name == BUY_NOW:
                return address("done", session, asin, chosen)
            if name == PREVIOUS_PAGE and state.page is PageKind.ITEM:
                return results(state.page_number)
            if name == PREVIOUS_PAGE:
                return product(asin, chosen)
            where = (session, asin, keywords, state.page_number, name, chosen)
            return address("item_sub_page", *where)

        shown = self._shop.result_views(state.shown_rows)
        page = html(state, goal.instruction, shown, item, link)
        return page.replace("</body>", f"{_SCRIPT}\n</body>")


def _listed(keywords: str) -> list[str] | None:
    """The words of the text of a list; None if it is none."""
    if not keywords.startswith("["):
        return None
    words = _literal(keywords)
    if not are_texts(words):
        raise InputError(f"keywords: expected a list of words, got {keywords:.80}")
    return list(words)


def _literal(text: str) -> Any:
    """The value that a text writes; None if it is none."""
    try:
        return literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _options(text: str) -> dict[str, str]:
    options = _literal(text)
    if not isinstance(options, dict) or not are_texts([*options, *options.values()]):
        raise InputError(f"options: expected an object of options, got {text:.80}")
    return options


def create_site(shop: Shop, *, human_goals: bool = True) -> Starlette:
    """Return the ASGI application of WebShop's site; arguments as for :class:`Site`."""
    from starlette.applications import Starlette
    from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
    from starlette.routing import Route

    site = Site(shop, human_goals=human_goals)

    def home(_: Request) -> Response:
        return RedirectResponse("/abc", status_code=302)

    async def index(request: Request) -> Response:
        session = request.path_params["session"]
        page = site.search_page(session)
        form = parse_qs((await request.body()).decode("utf-8", errors="replace"))
        if request.method != "POST" or "search_query" not in form:
            return HTMLResponse(page)
        words = form["search_query"][0].lower().split(" ")
        path = f"/search_results/{quote(session, safe='')}/{quote(str(words), safe='')}/1"
        return RedirectResponse(path, status_code=302)

    def results(request: Request) -> Response:
        return HTMLResponse(site.results_page(**request.path_params))

    def product(request: Request) -> Response:
        given = {**request.path_params, "options": _options(request.path_params["options"])}
        page = site.product_page if "keywords" in given else site.done_page
        return HTMLResponse(page(**given))

    def refused(_: Request, error: Exception) -> Response:
        status = 404 if isinstance(error, GoalError) else 400
        return PlainTextResponse(str(error), status_code=status)

    at_product = "{session}/{asin}/{keywords:path}/{page:int}"
    routes = [
        ("/", home),
        ("/search_results/{session}/{keywords:path}/{page:int}", results),
        (f"/item_page/{at_product}/{{options}}", product),
        (f"/item_sub_page/{at_product}/{{subpage}}/{{options}}", product),
        ("/done/{session}/{asin}/{options}", product),
        ("/{session}", index),
    ]
    return Starlette(
        routes=[Route(path, endpoint, methods=["GET", "POST"]) for path, endpoint in routes],
        exception_handlers={InputError: refused},
    )
