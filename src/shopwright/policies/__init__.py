"""Policies: rules, and the learned choice policy on a language model."""
