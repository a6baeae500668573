"""Evaluation: episodes, intervals, reports."""
