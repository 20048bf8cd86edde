"""The program of the frozen app."""

import sys

from sprite_lab.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
