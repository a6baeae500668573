"""Candidates for a request, from several retrievers."""
