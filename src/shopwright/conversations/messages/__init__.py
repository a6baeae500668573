"""What messages of a conversation mean: words and wishes, what they point at, and replies."""
