"""`python -m app.cli`: the same as `stoker`."""

import sys

from app.cli.main import main

sys.exit(main())
