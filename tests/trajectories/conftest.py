"""The small shop and model that tests of several folders share."""

from tiny import tiny_model_folder, tiny_shop

__all__ = ["tiny_model_folder", "tiny_shop"]
