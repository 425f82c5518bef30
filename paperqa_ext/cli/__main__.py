"""`python -m paperqa_ext.cli`: the `paperqa` command."""

import sys

from . import main

sys.exit(main())
