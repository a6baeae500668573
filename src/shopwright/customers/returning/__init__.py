"""Simulated customers who come back, or do not, and agents that learn what brings them back."""
