"""What customers do with recommendations, and what can be learned from it."""
