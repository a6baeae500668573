"""Training: losses, and one flat loop per algorithm."""
