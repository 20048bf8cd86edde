"""Long runs (training, sampling) as generators of records, and the files that they keep.

May import diffusion, formats, data and core, never Qt.
Runs on a worker's thread in the app and on the main thread of the command line.
"""

import os

# Before torch is first imported: idle OpenMP threads sleep instead of spinning. With two busy
# threads on two cores that also draw a window, spinning can cost nearly all the speed.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
