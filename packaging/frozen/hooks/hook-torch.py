"""The parts of torch in the frozen app: its libraries, and the modules that we reach.

Takes the place of PyInstaller's own hook, which collects every module (tests and compilers among
them), every source and the libraries of CUDA: 150 MB that Sprite Lab never loads.
"""

import sys

from PyInstaller.utils.hooks import (
    PY_DYLIB_PATTERNS,
    collect_dynamic_libs,
    collect_submodules,
    get_package_paths,
)

#: Settings modules read their own source when imported, for the comments in it.
SETTINGS = (
    "torch._export.config",
    "torch._functorch.config",
    "torch.compiler.config",
    "torch.distributed.config",
    "torch.fx.experimental._config",
    "torch.utils.serialization.config",
)

module_collection_mode = {"torch": "pyz", **dict.fromkeys(SETTINGS, "pyz+py")}
# The tables of ONNX operators are imported by name.
hiddenimports = [*SETTINGS, *collect_submodules("torch.onnx._internal.torchscript_exporter")]
# torch.compile and torch.optim need these; we have our own optimizer (engine/training/optimizer.py)
# and no compiler in an installed app.
excludedimports = [
    "torch._dynamo",
    "torch._inductor",
    "torch._numpy",
    "torch.distributed.fsdp",
    "torch.distributed.tensor",
    "torch.testing._internal.common_utils",
    "torch.utils.benchmark",
    "torch.utils.tensorboard",
    "torch.utils.cpp_extension",
]
binaries = collect_dynamic_libs("torch", search_patterns=[*PY_DYLIB_PATTERNS, "*.so.*"])
if sys.platform != "win32":
    # Not used, but torch does not start without it.
    binaries.append((f"{get_package_paths('torch')[1]}/bin/torch_shm_manager", "torch/bin"))
# A second name for these libraries beside the program would confuse torch about its location.
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
