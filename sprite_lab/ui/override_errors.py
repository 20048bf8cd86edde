"""Errors raised by overrides of Qt's methods are reported instead of ending the program.

On Python 3.11, PySide crashes if an error raised by the interpreter itself, such as an index out of
range, leaves an override that Qt has called from within a call from Python: such an error only
becomes the object that PySide expects once it is caught. So every override catches its errors and
raises them again. Later versions of Python do not need this.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import FunctionType, MethodDescriptorType
from typing import ParamSpec, TypeVar

from shiboken6 import Shiboken

P = ParamSpec("P")
R = TypeVar("R")


def _catching(method: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(method)
    def call(*args: P.args, **named: P.kwargs) -> R:
        try:
            return method(*args, **named)
        except BaseException:
            raise

    return call


def _catch_in_overrides(cls: type[Shiboken.Object], /, **options: object) -> None:
    """Make the overrides of a new subclass of a Qt class catch their exceptions."""
    super(Shiboken.Object, cls).__init_subclass__(**options)
    for name, value in list(vars(cls).items()):
        if isinstance(value, FunctionType) and _is_qts(cls, name):
            setattr(cls, name, _catching(value))


def _is_qts(cls: type, method: str) -> bool:
    """Whether a class inherits a method of that name from one of Qt's."""
    return any(isinstance(vars(base).get(method), MethodDescriptorType) for base in cls.__mro__)


if sys.version_info < (3, 12):
    Shiboken.Object.__init_subclass__ = classmethod(_catch_in_overrides)  # type: ignore[assignment, method-assign]
