"""Observable state without widgets: the lab, the project, preferences, and the tasks of workers.

May import QtCore, QtGui, ``jobs`` and every layer below, never QtWidgets. The engine is imported
only inside the generators of tasks, which run on workers, so that the window opens before torch is
loaded. Everything else here lives on the UI thread.
"""
