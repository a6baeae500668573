"""Products for a request: their ranking, and the reasons for them."""
