"""What a CUDA graph cannot contain, detected without a GPU."""

from __future__ import annotations

from torch.utils._python_dispatch import TorchDispatchMode


class Recording(TorchDispatchMode):
    """Refuses operations that a graph cannot contain: reading a value, or numbers from the host."""

    REFUSED = ("_local_scalar_dense", "nonzero", "masked_select", "lift_fresh", "unique")

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        assert not any(name in str(func) for name in self.REFUSED), f"{func} waits for the device"
        return func(*args, **(kwargs or {}))
