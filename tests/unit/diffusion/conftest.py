"""What tests of the mathematics share."""

from __future__ import annotations

from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def diffusers() -> ModuleType:
    """Takes seconds to load, which pytest workers that never reach its tests are spared."""
    import diffusers

    return diffusers
