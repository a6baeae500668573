"""The paper's comparison: every method trained from one checkpoint, on the same budget."""
