"""Conversations: shoppers who do not say everything at once, and agents that ask."""
