"""What tests of the mathematics share."""

from __future__ import annotations

from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def diffusers() -> ModuleType:
    """Takes seconds to load, which workers of pytest that do not come to its tests are spared."""
    import diffusers

    return diffusers
