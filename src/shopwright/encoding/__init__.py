"""The language model, and the states that it gives the tokens of a shop's texts."""
