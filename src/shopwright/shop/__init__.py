"""The shop: goals, reward, pages, sessions and the Gymnasium environment."""
