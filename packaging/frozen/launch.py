"""The program of the frozen app."""

import os
import sys
import warnings


def main() -> int:
    # For programs that we start (a browser, ffmpeg): the system's libraries, not ours.
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is not None:
        os.environ["LD_LIBRARY_PATH"] = before
    else:
        os.environ.pop("LD_LIBRARY_PATH", None)
    # Set by PyInstaller; Qt finds its plugins here without them, and other programs may not.
    for name in ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH"):
        os.environ.pop(name, None)
    # TorchScript, which we do not use, looks for missing sources.
    warnings.filterwarnings("ignore", "Unable to retrieve source", UserWarning)
    from sprite_lab.__main__ import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
