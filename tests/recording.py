"""What a CUDA graph can hold, watched where there is none."""

from __future__ import annotations

from torch.utils._python_dispatch import TorchDispatchMode


class Recording(TorchDispatchMode):
    """What a graph cannot hold: a look at a value, or numbers that come from the host."""

    REFUSED = ("_local_scalar_dense", "nonzero", "masked_select", "lift_fresh", "unique")

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        assert not any(name in str(func) for name in self.REFUSED), f"{func} waits for the device"
        return func(*args, **(kwargs or {}))
