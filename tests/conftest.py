"""What tests share: the recorded data where it is at hand, and two shops."""

from __future__ import annotations

import fcntl
import gzip
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import settings

from postgresql_server import PostgresqlServer
from shopwright.catalogue.product import Instruction, Product
from shopwright.catalogue.webshop import read_webshop
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import Shop, build_shop
from tiny import reader_of, tiny_model_folder, tiny_shop

if TYPE_CHECKING:
    from shopwright.policy.choice import ChoiceNetwork
    from shopwright.policy.evidence import Reader

__all__ = ["tiny_model_folder", "tiny_shop"]

# Before torch is loaded: threads that wait by spinning take the cores from other tests.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# A busy machine takes a second now and then for what takes a millisecond.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _one_torch_thread() -> None:
    """Tests run beside each other; torch, where a test has imported it, keeps to one thread."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)


@pytest.fixture(autouse=True, scope="session")
def _no_fsync() -> Iterator[None]:
    """No file of a test has to survive a power cut; waiting for the disk is half of a build."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda handle: None)
        yield


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A running PostgreSQL server; as other files of tests, its need not survive a power cut."""
    server = PostgresqlServer()
    server.execute("ALTER SYSTEM SET fsync = off")
    server.execute("SELECT pg_reload_conf()")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of WebShop's data and of the vectors recorded from the original environment."""
    folder = Path(os.environ.get("SHOPWRIGHT_SHARED", REPOSITORY.parent / "shared"))
    if not (folder / "reference").is_dir():
        pytest.skip(f"needs the recorded data, which is not at {folder} (set SHOPWRIGHT_SHARED)")
    return folder


@pytest.fixture(scope="session")
def vectors(shared: Path) -> Callable[[str], list[dict[str, Any]]]:
    """Reads a file of recorded vectors, by its name without endings."""

    def read(name: str) -> list[dict[str, Any]]:
        plain = shared / "reference" / f"{name}.jsonl"
        packed = plain.with_name(f"{plain.name}.gz")
        content = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
        return [orjson.loads(line) for line in content.splitlines() if line.strip()]

    return read


@pytest.fixture(scope="session")
def webshop_files(shared: Path) -> tuple[Path, Path, Path]:
    """WebShop's items, attributes and human instructions."""
    folder = shared / "webshop"
    names = ("items_shuffle_1000", "items_ins_v2_1000", "items_human_ins_1000")
    items, attributes, human = (folder / f"{name}.json" for name in names)
    return items, attributes, human


# Folders and files of tests in the order in which they start: the longest do not come last.
LONGEST_FIRST = (
    "product/test_reproduce.py", "product/test_demo.py", "learning", "training/methods",
    "product/test_learning_verbs.py", "product/test_notebooks.py", "product",
    "agents", "serving", "training", "webshop", "property", "shop", "policy",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests by :data:`LONGEST_FIRST`, file by file."""

    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(REPOSITORY / "tests").as_posix()
        found = (n for n, start in enumerate(LONGEST_FIRST) if path.startswith(start))
        return next(found, len(LONGEST_FIRST))

    items.sort(key=place)


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Builds a folder once for all processes of pytest-xdist; the others wait for it."""
    base = tmp_path_factory.getbasetemp()
    common = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def build_once(name: str, build: Callable[[Path], Any]) -> Path:
        folder = common / f"shared-{name}"
        with (common / f"shared-{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                build(folder)
        return folder

    return build_once


@pytest.fixture(scope="session")
def webshop_shop(webshop_files: tuple[Path, Path, Path], built_once: Callable[..., Path]) -> Shop:
    """The 1,000 products of WebShop's small setting."""

    def build(folder: Path) -> None:
        build_shop(read_webshop(*webshop_files), folder, source={"kind": "webshop"})

    return Shop.open(built_once("webshop", build))


@pytest.fixture(scope="session")
def tagged_shop(webshop_shop: Shop) -> Shop:
    """The shop, with the nouns that the original's tagger gives."""
    if not webshop_shop.manifest["nouns"].startswith("spacy"):
        pytest.skip("needs spaCy's English model (pip install 'shopwright[nouns]')")
    return webshop_shop


def _small_products() -> Iterator[Product]:
    """A handful of products, each there for something: options, a price range, none of either,
    option values with quotes and with a button's name, white space, HTML, other scripts."""
    yield Product(
        asin="SHOE000001",
        title="Red Running Shoes for Women, Breathable Mesh",
        description="Light shoes for the road.",
        bullets=("Breathable mesh upper", "Rubber sole"),
        pricing_dollars=(20.0, 30.0),
        price_tag="$20.0 to $30.0",
        options={"size": ("6", "7"), "color": ("red", "navy blue")},
        attributes=("breathable", "rubber sole"),
        category="fashion",
        query="running shoes",
        product_category="Clothing › Women › Shoes",
        image="https://example.test/shoe.jpg",
        instruction="Find me breathable running shoes",
        instruction_attributes=("breathable", "rubber sole"),
    )
    yield Product(
        asin="SHOE000002",
        title="Blue Trail Running Shoes for Men",
        description="",
        bullets=("Grippy sole",),
        pricing_dollars=(45.5,),
        price_tag="$45.5",
        options={"color": ("blue",)},
        attributes=("rubber sole",),
        category="fashion",
        query="running shoes",
        product_category="Clothing › Men › Shoes",
        instruction="Find me rubber sole running shoes",
        instruction_attributes=("rubber sole",),
    )
    yield Product(
        asin="LAMP000001",
        title="Desk Lamp with USB Port",
        description="A lamp & a <b>charger</b> in one.",
        bullets=("   ", "Warm light", "\n"),
        pricing_dollars=(12.99,),
        price_tag="$12.99",
        options={"length": ('52" long', "buy now", "< prev", "search"), "plug": ("us", "eu")},
        attributes=("easy use",),
        category="garden",
        query="desk lamps",
        product_category="Home › Lighting › Lamps",
        instruction="Find me easy use desk lamps",
        instruction_attributes=("easy use",),
        human_instructions=(
            Instruction(text="I want a lamp.", attributes=("easy use",), options=('52" long',)),
            Instruction(text="Any lamp.", attributes=(), options=()),
        ),
    )
    yield Product(
        asin="SOAP000001",
        title="Überseife 石鹸 – Olive Soap",
        description="Sanfte Seife für alle.",
        bullets=("",),
        pricing_dollars=(995.0,),
        price_tag="$995.0",
        attributes=("fragrance free", "gluten free"),
        category="beauty",
        query="soaps",
        product_category="Beauty › Bath › Soap",
        instruction="Find me fragrance free soaps",
        instruction_attributes=("fragrance free",),
    )
    yield Product(asin="PLAIN00001", title="Plain thing nobody asked for", price_tag="$100.0")


@pytest.fixture(scope="session")
def small_products() -> list[Product]:
    """The products of :func:`small_shop`."""
    return list(_small_products())


@pytest.fixture(scope="session")
def small_shop(small_products: list[Product], tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A hand-written shop of five products; its nouns come from the fallback, so nothing that may
    be missing is needed."""
    folder = tmp_path_factory.mktemp("small") / "shop"
    return build_shop(small_products, folder, source={"kind": "test"}, tagger=WordTagger())


@pytest.fixture(scope="module")
def reader(shop: Shop, tiny_model_folder: Path) -> Reader:
    """A reader of the shop that a module of tests has."""
    return reader_of(shop, tiny_model_folder)


@pytest.fixture(scope="module")
def network() -> ChoiceNetwork:
    """A network with random weights."""
    torch = pytest.importorskip("torch")

    from shopwright.policy.choice import ChoiceNetwork
    from shopwright.policy.relevance import ChoiceConfig

    torch.manual_seed(0)
    return ChoiceNetwork(ChoiceConfig(state_dimensions=32)).eval()
