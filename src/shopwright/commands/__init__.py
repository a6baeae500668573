"""The verbs of the command line, one module per group; cli.py imports them when they are called."""
