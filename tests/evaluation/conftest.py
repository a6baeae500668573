"""The small shop that tests of several folders share."""

from tiny import tiny_shop

__all__ = ["tiny_shop"]
