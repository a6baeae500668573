"""The trained agent as a recommender."""
