"""Articles: what rows, and variants nested in them, say of what can be bought."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shopwright.catalogue.cells import (
    addresses_of,
    barcode_of,
    is_nothing,
    line_of,
    list_of,
    literal_of,
    option_text,
    options_of,
    text_of,
)
from shopwright.catalogue.columns import Columns
from shopwright.catalogue.forms.table import Row
from shopwright.catalogue.labelled import Pair, options_in, pairs_in
from shopwright.catalogue.markup import plain_text
from shopwright.catalogue.names import cell_at
from shopwright.catalogue.pictures import in_order, pictures_in
from shopwright.catalogue.selling import buyable, can_be_oversold, state_of, stock_of
from shopwright.errors import InputError

# A longer title is cut: phrases are looked for in all of it.
LONGEST_TITLE = 2_000

# A second description that is longer than the first counts up to this many characters.
_LONGEST_SUMMARY = 400
# How rows are joined where each is a variant that says all of itself.
_VARIANT_ROWS = ("group", "parent")
# Among the prices of a product that groups others: what says what each of those costs.
OF_MEMBERS = "of members"
# What tells a variant from others: its options, in a fixed order.
Choice = tuple[tuple[str, str], ...]
# What cannot be read: (column, reason, what is left out).
LeftOut = tuple[str | None, str, str]


@dataclass(slots=True)
class Article:
    """What one row, or one nested variant, says of something that can be bought.

    Attributes:
        file, line: where it stands.
        identifier, barcode, image, title: its own, may be empty.
        options: slot → the one value that it has.
        varying: label → a detail that may turn out to be an option.
        prices: field of :attr:`Columns.of_price` → cell; only those with content.
        state: whether it is for sale, as selling.py says.
        state_alone: the same, if it is no variant of another product.
        stock: how many there are.
        oversold: whether it can be bought although none is there.
    """

    file: str
    line: int
    identifier: str = ""
    barcode: str = ""
    image: str = ""
    title: str = ""
    options: dict[str, str] = field(default_factory=dict)
    varying: dict[str, str] = field(default_factory=dict)
    prices: dict[str, Any] = field(default_factory=dict)
    state: str = ""
    state_alone: str = ""
    stock: int | None = None
    oversold: bool = False

    @property
    def choice(self) -> Choice:
        """What tells it from other variants, in a fixed order."""
        return tuple(sorted({**self.options, **self.varying}.items()))


@dataclass(slots=True)
class ProductGroup:
    """What the rows of one product say.

    Attributes:
        key: tells it from other groups.
        asin: the product's identifier.
        cells: field → the first cell with content.
        titles: the distinct titles of the rows, in order of appearance.
        product: what the row of the product itself says, where that is no variant.
        head: of a group, the number of the variant of the last row that names no group.
        variants: what the rows of its variants say.
        labels: slot → the name of the option group.
        offered: slot → values that a row offers to choose among.
        details: label → value.
        lines: (file, line) of each row.
        pictures: the addresses of all pictures, in their order.
        positions: picture → the position that a row gives it.
        open: slots that a variant has without a value: any of those that are offered.
        first_id: the identifier of its first row.
    """

    key: str
    asin: str
    cells: dict[str, Any] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    product: Article | None = None
    head: int | None = None
    variants: list[Article] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)
    lines: list[tuple[str, int]] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    first_id: str = ""
    _choices: set[Choice] | None = None

    def offer(self, slot: str, values: Iterable[str]) -> None:
        """Note values that can be chosen."""
        offered = self.offered.setdefault(slot, [])
        offered += [value for value in dict.fromkeys(values) if value not in offered]

    def add_variant(self, article: Article) -> None:
        """Add a variant."""
        self.variants.append(article)
        if self._choices is not None:
            self._choices.add(article.choice)

    def has(self, choice: Choice) -> bool:
        """Whether a variant has these option values."""
        if not self.variants:  # Most products have one variant, for which no set is kept.
            return False
        if self._choices is None:
            self._choices = {variant.choice for variant in self.variants}
        return choice in self._choices

    def add_pictures(self, addresses: Iterable[str]) -> None:
        """Note pictures that are not known yet."""
        self.pictures += [each for each in dict.fromkeys(addresses) if each not in self.pictures]
        self.pictures = in_order(self.pictures, self.positions)

    def take_choices(self, said: ProductGroup) -> None:
        """Note what a row says of options and details; what was said before stays."""
        _add_missing(self.labels, said.labels)
        _add_missing(self.details, said.details)
        self.open |= said.open
        for slot, values in said.offered.items():
            self.offer(slot, values)

    def take_texts(self, said: ProductGroup, *, is_product: bool) -> None:
        """Note what a row says otherwise; the product's own row counts before those of variants."""
        self.titles += [title for title in said.titles if title not in self.titles]
        _add_missing(self.positions, said.positions)
        if is_product:
            self.cells.update(said.cells)
            others, self.pictures = self.pictures, []
            self.add_pictures([*said.pictures, *others])
        else:
            _add_missing(self.cells, said.cells)
            self.add_pictures(said.pictures)

    @property
    def articles(self) -> list[Article]:
        """Its variants; if it has none, the product itself."""
        return self.variants or ([self.product] if self.product else [])

    def cost_of(self, article: Article) -> dict[str, Any]:
        """Return the cells that say what one of its articles costs; its own regular price is not
        the product's on sale."""
        shared = {**self.product.prices} if self.product else {}
        if "price" in article.prices and article is not self.product:
            shared.pop("sale_price", None)
        return {**shared, **article.prices}


def _add_missing(known: dict[str, Any], said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        known.setdefault(name, value)


def article_of(
    group: ProductGroup,
    columns: Columns,
    row: Row,
    pairs: Iterable[Pair],
    problems: list[LeftOut],
    *,
    is_product: bool,
) -> Article:
    """Return what a row says.

    Args:
        group: its product, which gets the names of options, what is offered, and details.
        columns: what the columns are.
        row: the row.
        pairs: the options of the row.
        problems: gets (column, reason, what) of what is left out.
        is_product: whether it is the row of a product, so that a value is offered, not chosen.
    """
    cells = buyable(columns, row.cells)
    none = columns.no_options
    article = Article(
        row.file,
        row.line,
        identifier=_identifier(columns, cells),
        barcode=_barcode(columns, cells, problems),
        title=title_of(columns, cells),
        prices={
            name: cell
            for name in columns.of_price
            if (cell := columns.cell(cells, name)) is not None
        },
        state=state_of(columns, cells),
        state_alone=state_of(columns, cells, alone=True),
        stock=stock_of(columns, cells),
        oversold=can_be_oversold(columns, cells),
    )
    own_picture = "variant_image"
    if own_picture not in columns.of_field and columns.layout.rows.join in _VARIANT_ROWS:
        own_picture = "image"
    article.image = next(iter(addresses_of(columns.cell(cells, own_picture))), "")
    for slot, label, values in pairs:
        if label:
            group.labels.setdefault(slot, label)
        values = [v for v in map(option_text, values) if v not in none]
        if len(values) == 1 and not is_product:
            article.options[slot] = values[0]
        elif values:
            group.offer(slot, values)
        elif label and not is_product:
            group.open.add(slot)
    if "options" in columns.of_field:
        _add_options(group, article, columns, row, problems, is_product=is_product)
    for source in columns.details:
        for slot, label, values in pairs_in(source, cells, empty=False):
            text = ", ".join(values)
            if source.notation.varying and text:
                article.varying[slot] = text
            elif label and text.strip("0.,") and not is_nothing(text):  # A width of 0 is none.
                group.details.setdefault(label, text)
    return article


def title_of(columns: Columns, cells: Mapping[str, Any]) -> str:
    """Return the title that a row gives, cut if it is too long."""
    return line_of(columns.cell(cells, "title"))[:LONGEST_TITLE].strip()


def _identifier(columns: Columns, cells: Mapping[str, Any]) -> str:
    value = columns.cell(cells, "sku")
    if value is None and columns.layout.rows.join != "id":  # Else the id is the product's.
        value = columns.cell(cells, "id")
    return plain_text(text_of(value))


def _barcode(columns: Columns, cells: Mapping[str, Any], problems: list[LeftOut]) -> str:
    try:
        text = barcode_of(columns.cell(cells, "barcode"))
    except InputError as error:
        problems.append((columns.shown("barcode"), str(error), "barcode"))
        return ""
    return "" if text.lower() in columns.layout.none.get("barcode", ()) else text


def _add_options(
    group: ProductGroup,
    article: Article,
    columns: Columns,
    row: Row,
    problems: list[LeftOut],
    *,
    is_product: bool,
) -> None:
    """Note the options of a cell such as {"color": ["red", "blue"]}: what has one value is the
    article's, the rest can be chosen."""
    try:
        groups = options_of(columns.cell(row.cells, "options"))
    except InputError as error:
        problems.append((columns.shown("options"), str(error), "options"))
        return
    for name, entries in groups.items():
        slot = option_text(name)
        values = [each for each in map(option_text, entries) if each not in columns.no_options]
        group.labels.setdefault(slot, slot)
        if len(values) == 1 and not is_product:
            article.options[slot] = values[0]
        else:
            group.offer(slot, values)


def add_nested(group: ProductGroup, outer: Columns, row: Row, problems: list[LeftOut]) -> None:
    """Add the variants that are nested in the row of their product.

    Args:
        group: gets them.
        outer: what the columns of the product are.
        row: its row.
        problems: as of :func:`article_of`.
    """
    columns = outer.variant_columns
    nested = literal_of(cell_at(row.cells, outer.variants))
    if columns is None or not isinstance(nested, list):
        return
    for source in columns.options:
        if source.notation.names_in_product:
            place = tuple(source.notation.names_in_product.split("."))
            labels = list_of(cell_at(row.cells, place))
            for label, (_, _, values) in zip(labels, source.places, strict=False):
                group.labels.setdefault(".".join(values), option_text(label))
    for cells in nested:
        if not isinstance(cells, Mapping):
            continue
        pairs = options_in(columns.options, cells)
        inner = Row(row.file, row.line, cells)
        group.add_variant(article_of(group, columns, inner, pairs, problems, is_product=False))
        fill(group, columns, cells)


def fill(group: ProductGroup, columns: Columns, cells: Mapping[str, Any]) -> None:
    """Note what a row says of its product that was not said before."""
    title = title_of(columns, cells)
    if title and title not in group.titles:
        group.titles.append(title)
    for name in columns.of_product:
        if name in group.cells:
            continue
        cell = columns.cell(cells, name)
        if cell is not None and not is_nothing(text_of(cell)):
            group.cells[name] = cell
    places = columns.of_field.get("description", ())
    if len(places) > 1 and "description" in group.cells and "summary" not in group.cells:
        texts = [cell_at(cells, place) for place in places[1:]]
        described = text_of(group.cells["description"])
        longest = max(len(described), _LONGEST_SUMMARY)
        further = (text for text in texts if text_of(text) not in ("", described))
        if summary := next((text for text in further if len(text_of(text)) <= longest), None):
            group.cells["summary"] = summary
    if "bullets" not in group.cells:
        places = columns.of_field.get("bullets", ())
        entries = (entry for place in places for entry in list_of(cell_at(cells, place)))
        if bullets := [*dict.fromkeys(entries)]:
            group.cells["bullets"] = bullets
    pictures, positions = pictures_in(columns, cells)
    _add_missing(group.positions, positions)
    group.add_pictures(pictures)
