"""Lessons: how they run, the panel that shows one, and access to the controls of the window.

Controls are found by their objectNames.
"""
