"""The service: recommendations over HTTP, feedback that lasts, agents that share the requests."""
