"""What tests of Qt objects share."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject


def delete_now(*objects: QObject) -> None:
    """Destroy them, with their children. Slots hold what they were connected with until then,
    and Python's collector does not see that, so a test's window would live as long as all tests.
    """
    for each in objects:
        each.deleteLater()
        QCoreApplication.sendPostedEvents(each, QEvent.Type.DeferredDelete)
