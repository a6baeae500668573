"""Agents: rules, the expert of imitation, and the learned agent."""
