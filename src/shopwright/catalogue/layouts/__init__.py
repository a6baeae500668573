"""What the product tables of shop platforms look like: one description, a TOML file, for each."""
