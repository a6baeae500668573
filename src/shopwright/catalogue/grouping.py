"""Rows of a table to groups of rows that are one product each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shopwright.catalogue.articles import (
    LONGEST_TITLE,
    OF_MEMBERS,
    ProductGroup,
    title_of,
)
from shopwright.catalogue.cells import is_nothing, line_of, option_text, text_of
from shopwright.catalogue.columns import Columns
from shopwright.catalogue.forms.table import Row
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.labelled import options_in, records_in
from shopwright.catalogue.markup import plain_text
from shopwright.catalogue.names import Path, cell_at, normal
from shopwright.catalogue.packed import Groups, PackedGroups
from shopwright.catalogue.product import MAXIMUM_ASIN_LENGTH
from shopwright.catalogue.reading import (
    OTHER,
    PICTURE,
    PRODUCT,
    RULE,
    VARIANT,
    RowRead,
    read_rows,
)
from shopwright.catalogue.variants import apply_rule, has_price


class ProductGroups:
    """Groups the rows of a table by product.

    Args:
        columns: what its columns are.
        report: gets what is left out.
    """

    def __init__(self, columns: Columns, report: ImportReport) -> None:
        self._columns = columns
        self._join = columns.layout.rows.join
        self._report = report
        self._groups = Groups()
        self._place_of_id: dict[str, tuple[str, int]] = {}
        # The keys of groups.
        self._by_sku: dict[str, str] = {}
        self._adopted: dict[str, str] = {}
        self._by_title: dict[str, str] = {}
        self._last: str | None = None
        rows = columns.layout.rows
        self._roles = {
            normal(word): role
            for role in (PRODUCT, VARIANT, PICTURE, RULE)
            for word in getattr(rows, role)
        }
        self._roles |= {normal(word): "" for word in rows.article}

    def finished(self) -> PackedGroups:
        """Return the groups, in the order of their first rows, and forget them."""
        if "members" in self._columns.of_field:
            self._price_by_members()
        if self._join == "listed":
            self._link()
        if self._join == "parent":
            self._report_orphans()
        for known in (self._place_of_id, self._by_sku, self._adopted, self._by_title):
            known.clear()
        return self._groups.finished()

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows to the groups of their products, or report why they are left out."""
        with_roles = ((row, role) for row in rows if (role := self._role_of(row)) is not None)
        # The first problem is refused, whoever finds it.
        for read in read_rows(with_roles, self._columns, one_by_one=self._report.strict):
            self._add(read)
        self._report.sort_problems()

    def _role_of(self, row: Row) -> str | None:
        """What a row is; None, which is counted, if it says nothing of a product."""
        if any(map(text_of, row.cells.values())):
            role = self._role(row.cells)
            if role != OTHER:
                return role
        self._report.rows_without_content += 1
        return None

    def _add(self, read: RowRead) -> None:
        row, role, said, article, _ = read
        own, id_place = self._own_id(row)
        for text in (own, self._text(row.cells, "group")):
            if len(text) > MAXIMUM_ASIN_LENGTH:
                reason = (
                    f"expected an id of at most {MAXIMUM_ASIN_LENGTH} characters, got {len(text)}"
                )
                self._leave_out(row, "id" if text == own else "group", "broken row", reason)
                return
        group = self._group_of(row, own, role)
        if group is None:
            return
        self._last = group.key
        if self._is_repeated(group, row, own, role):
            return
        for column, reason, what in read.problems:
            report = self._report
            report.add(row.file, row.line, column, "bad value", reason, f"{what} left out")
        group.take_choices(said)
        if role != PRODUCT and self._is_no_variant(group, read):
            return
        if not group.lines and id_place and own == group.asin:
            self._report.derived[f"id from {'.'.join(id_place)}"] += 1
        if not group.lines:
            group.first_id = own
        group.lines.append((row.file, row.line))
        self._check_title(row)
        if own and self._join not in ("id", "title"):
            self._place_of_id.setdefault(own.casefold(), (row.file, row.line))
        group.take_texts(said, is_product=role == PRODUCT)
        if role == PRODUCT:
            group.product = article
        else:
            group.add_variant(article)
            if self._join in ("group", "parent") and role != VARIANT and not self._parent(row):
                group.head = len(group.variants) - 1
        for variant in said.variants:
            group.add_variant(variant)

    def _text(self, cells: Mapping[str, Any], name: str) -> str:
        return line_of(self._columns.cell(cells, name)) if name in self._columns.of_field else ""

    def _leave_out(self, row: Row, name: str, kind: str, reason: str) -> None:
        self._report.add(row.file, row.line, self._columns.shown(name), kind, reason)

    def _check_title(self, row: Row) -> None:
        length = len(self._text(row.cells, "title"))
        if length > LONGEST_TITLE:
            column = self._columns.shown("title")
            reason = f"expected a title of at most {LONGEST_TITLE:,} characters, got {length:,}"
            self._report.add(row.file, row.line, column, "bad value", reason, "title cut")

    def _role(self, cells: Mapping[str, Any]) -> str:
        """What a row is, where the layout has different ones."""
        if self._columns.role:
            text = text_of(cell_at(cells, self._columns.role))
            for word in (text, *text.split(",")):
                if (role := self._roles.get(normal(word))) is not None:
                    return role
            return PRODUCT if self._columns.layout.rows.others else OTHER
        if self._join == "listed":
            return PRODUCT
        if self._join == "before" and not self._text(cells, "title"):
            return VARIANT
        return PRODUCT if self._columns.variants else ""

    def _own_id(self, row: Row) -> tuple[str, Path]:
        """The row's identifier, and where it stands if not in the first column of ids."""
        mark = self._columns.layout.rows.several_ids
        for number, place in enumerate(self._columns.of_field.get("id", ())):
            text = plain_text(text_of(cell_at(row.cells, place)))
            if mark:
                text = text.partition(mark)[0].strip()
            if text and not is_nothing(text):
                return text, place if number else ()
        return "", ()

    def _group_of(self, row: Row, own: str, role: str) -> ProductGroup | None:
        """The group of a row, made if it is the first; None if it is left out."""
        if role in (VARIANT, PICTURE, RULE) and self._join == "before":
            last = self._groups.get(self._last)
            if last is None:
                reason = "expected a product before its variants, got none"
                self._leave_out(row, "title", "broken row", reason)
            return last
        if self._join == "parent":
            parent = self._text(row.cells, "parent") if role == VARIANT else ""
            return self._family_of(row, own, parent)
        if self._join == "title":
            return self._group_titled(row, own)
        if self._join == "group":
            return self._family_of(row, own, self._parent(row))
        return self._group_with(own or self._made_id(row))

    def _parent(self, row: Row) -> str:
        """The group that a row names, or its parent; "" if it names none, as "0" does."""
        text = self._text(row.cells, "group")
        return "" if text == "0" or is_nothing(text) else text

    def _family_of(self, row: Row, own: str, parent: str) -> ProductGroup:
        """The group of a product or of a variant that names its product by "id:7", an id or a SKU;
        either may come first."""
        if parent:
            asin = parent.removeprefix("id:").strip()
            known = self._by_sku.get(parent.casefold()) or self._adopted.get(asin.casefold())
            return self._groups.get(known) or self._group_with(asin or own or self._made_id(row))
        sku = self._text(row.cells, "sku").casefold()
        waiting = self._groups.get(sku) if sku else None
        if waiting is not None and waiting.product is None and own.casefold() not in self._groups:
            waiting.asin = own or waiting.asin
            group = waiting
            self._adopted[own.casefold()] = group.key
        else:
            group = self._group_with(own or self._made_id(row))
        if sku:
            self._by_sku.setdefault(sku, group.key)
        return group

    def _group_titled(self, row: Row, own: str) -> ProductGroup:
        """The group with the row's id, or with its title unless it has this variant already."""
        title = title_of(self._columns, row.cells).casefold()
        group = self._groups.get(own.casefold())
        group = group or self._groups.get(self._by_title.get(title))
        if group is not None and own.casefold() not in self._groups:
            known = [{*variant.options.values()} for variant in group.variants]
            group = None if self._values(row) - self._columns.no_options in known else group
        if group is None:
            group = self._group_with(own or self._made_id(row))
        if title:
            self._by_title.setdefault(title, group.key)
        return group

    def _values(self, row: Row) -> set[str]:
        """The values of a row's options."""
        pairs = options_in(self._columns.options, row.cells)
        return {option_text(value) for pair in pairs for value in pair.values}

    def _group_with(self, asin: str) -> ProductGroup:
        key = asin.casefold()
        group = self._groups.get(key)
        if group is None:
            group = ProductGroup(key, asin)
            self._groups.put(group)
        return group

    def _made_id(self, row: Row) -> str:
        self._report.derived["id"] += 1
        made = f"ROW{row.line:07d}"
        number = 1
        while made.casefold() in self._groups:
            number += 1  # Another file has such a line, too.
            made = f"ROW{row.line:07d}-{number}"
        return made

    def _is_repeated(self, group: ProductGroup, row: Row, own: str, role: str) -> bool:
        """Whether a row repeats what another said: its product's texts for another view of a store,
        or, which is reported, its id."""
        columns = self._columns
        if role == RULE:
            return False  # Its id is that of the variant that it is for.
        if group.lines and any(text_of(cell_at(row.cells, p)).strip() for p in columns.repeated):
            group.lines.append((row.file, row.line))
            return True
        if self._join in ("id", "title"):
            if not (role == PRODUCT and group.product):
                return False
            file, line = group.lines[0]
        elif own and own.casefold() in self._place_of_id:
            file, line = self._place_of_id[own.casefold()]
            known = {value for variant in group.variants for value in variant.options.values()}
            title = title_of(self._columns, row.cells)
            if role == "" and known and self._values(row) - known and title in ("", *group.titles):
                return False  # The id is the product's, and this another variant.
        else:
            return False
        place = f"line {line}" if file == row.file else f"{file}, line {line}"
        self._leave_out(row, "id", "duplicate", f"expected each id once, got {own!r} as in {place}")
        return True

    def _is_no_variant(self, group: ProductGroup, read: RowRead) -> bool:
        """Whether a row is none of the articles of a product: a further picture, a rule, or, which
        is reported, a variant that is there already."""
        row, role, said, article, _ = read
        is_further = bool(group.lines) and not article.options and not has_price(article)
        if role == RULE:
            apply_rule(group, article)
        if role in (PICTURE, RULE) or (is_further and self._join in ("id", "title")):
            self._report.rows_without_content += 1
            group.take_texts(said, is_product=False)
            return True
        if not group.has(article.choice) or (
            self._join not in ("id", "title") and article.title not in ("", *group.titles)
        ):
            return False
        what = ", ".join(article.options.values()) or "no options"
        reason = f"expected each variant once, got {group.asin!r} with {what} again"
        self._leave_out(row, "id", "duplicate", reason)
        return True

    def _report_orphans(self) -> None:
        """Report variants whose product is not there; they are one, by the id of the first."""
        column = self._columns.shown("parent")
        for group in self._groups:
            if group.variants and group.head is None and group.product is None:
                file, line = group.lines[0]
                reason = f"expected a row of the product {group.asin!r}, got only variants"
                if group.first_id and group.first_id.casefold() not in self._groups:
                    group.asin = group.first_id
                taken = f"taken as the product {group.asin!r}"
                self._report.add(file, line, column, "bad value", reason, taken)

    def _price_by_members(self) -> None:
        """Give products that only group others what those cost."""
        for group in self._groups:
            named = text_of(group.cells.get("members")).split(",")
            members = map(self._member, filter(None, map(str.strip, named)))
            costs = [m.cost_of(each) for m in members if m for each in m.articles]
            if group.product is not None and costs:
                group.product.prices[OF_MEMBERS] = costs
                self._groups.put(group)

    def _member(self, name: str) -> ProductGroup | None:
        """The group of an id, as in "id:7", or of a SKU, as in "J-R" or, with a number, "J-R=2"."""
        identifier = name.removeprefix("id:").casefold()
        keys = (self._by_sku.get(identifier), identifier, identifier.rpartition("=")[0])
        return next(filter(None, map(self._groups.get, keys)), None)

    def _link(self) -> None:
        """Make variants of the products that others list; what is not there is reported."""
        column = self._columns.shown("children")
        linked: set[str] = set()
        for group in self._groups:
            listed = text_of(group.cells.get("children"))
            for number, options in enumerate(records_in(listed)):
                sku = options.pop("sku", "")
                child = self._groups.get(sku.casefold())
                if child is None and sku and sku.casefold() not in linked:
                    file, line = group.lines[0]
                    reason = f"expected a row of the variant {sku!r} of {group.asin!r}, got none"
                    self._report.add(file, line, column, "bad value", reason, "variant left out")
                if child is None or child.key == group.key or child.product is None:
                    continue
                linked.add(sku.casefold())
                if number == 0:
                    group.offered.clear()
                variant = child.product
                variant.options = {name: value for name, value in options.items() if value}
                group.labels.update({name: name for name in options})
                group.variants.append(variant)
                group.variants += child.variants
                group.lines += child.lines
                group.add_pictures(child.pictures)
                self._groups.remove(child.key)
            self._groups.put(group)
