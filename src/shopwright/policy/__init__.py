"""The choice policy: what it knows, its networks, and their weights on disk."""
