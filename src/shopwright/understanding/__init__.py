"""What a request asks for: one parse for everybody who acts on it."""
