"""Measurements, run by hand: ``python -m tests.benchmarks [NAME ...]``.

Each prints one JSON line: name, value, unit, goal, ok, detail. They use the real window, the
default preset, and real sprites if available (``SPRITE_LAB_SHARED``). Timing does not belong in the
tests: figures are medians of several runs, with their spread.
"""
