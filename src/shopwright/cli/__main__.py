"""``python -m shopwright.cli``: the command line."""

import sys

from shopwright.cli.program import main

sys.exit(main())
