"""The workspaces, one for each thing that a person comes to do: See, Train, Draw, Data.

Each may import ``ui.widgets``, ``ui.theme``, ``ui.icons``, ``app`` and ``core``, and no other
workspace: they meet in ``app.lab`` alone.
UI thread only. A workspace has an ``inspector`` for the main window.
"""
