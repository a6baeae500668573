"""Customers: what they ordered and order next, and whether they come back."""
