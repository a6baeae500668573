"""A catalogue written as other platforms read it: one module per form, one record or more per
product, and :mod:`shopwright.catalogue.feeds.write` that puts them into a file."""
