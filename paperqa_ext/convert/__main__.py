"""`python -m paperqa_ext.convert`."""

import sys

from . import main

sys.exit(main())
