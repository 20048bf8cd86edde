"""The user interface: the window, its workspaces and the widgets they share.

May import QtWidgets, pyqtgraph, ``app``, ``jobs``, ``formats`` and ``core``, never torch,
``engine`` or ``diffusion``: it gets numpy arrays and frozen records.
Everything here runs on the UI thread, and nothing here may take longer than a frame.

Methods of widgets are abstract without ``ABCMeta``, which Qt's metaclass does not allow: mypy
checks that subclasses implement them.
"""

import sprite_lab.ui.override_errors  # noqa: F401
