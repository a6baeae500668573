"""Rollouts: how an agent shops, what it did as a trajectory, and where trajectories come from."""
