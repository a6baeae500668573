"""The language model, and the states that it gives the tokens of a shop's texts."""

import os

# Threads that wait by spinning take the cores from whatever else runs; a machine with two cores
# then computes several times slower. It only works before torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
