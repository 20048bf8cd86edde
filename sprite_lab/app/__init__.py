"""Observable state without widgets: the lab, the project, preferences, and what runs do.

May import QtCore and QtGui, ``jobs`` and every layer below, never QtWidgets; the engine only
lazily, inside the generators of ``app.tasks``, so that a window opens before torch is loaded.
Everything here lives on the UI thread, but for the bodies of those generators.
"""
