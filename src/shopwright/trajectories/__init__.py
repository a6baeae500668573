"""Trajectories: records, generation of perfect rollouts, preferences."""
