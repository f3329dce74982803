"""For all tests: the project's folder is importable, as ``tests`` and ``example_site``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
