"""Animations and videos.

Imports core, numpy and Pillow. Runs on any thread but the UI's.
"""
