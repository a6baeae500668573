"""What an agent remembers of its purchases."""
