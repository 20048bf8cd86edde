"""Lessons: the panel that shows one, and access to the controls of the window.

``app`` knows what a lesson is and when a step is done. Controls are found by their objectNames.
"""
