"""Lessons: the panel that shows one, and access to the controls of the window.

May import what every part of ``ui`` may; what a lesson is, and when a step of it is done, is
``app``'s. It finds controls by their objectNames and knows no workspace from within.
UI thread only.
"""
