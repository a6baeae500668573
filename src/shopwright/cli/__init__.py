"""The command line: one module per group of verbs, each imported when it is called."""

from shopwright.cli.program import main as main
