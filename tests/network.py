"""Records which hosts this process contacts, by whatever code."""

from __future__ import annotations

import socket
import sys

#: Audit events that Python raises before contacting a name server or another computer.
EVENTS = {
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr",
    "socket.sendto", "socket.sendmsg", "urllib.Request",
}  # fmt: skip

_watching: list[Asked] = []


class Asked:
    """Addresses contacted from its creation to :meth:`stop`: ``whom``, in order."""

    def __init__(self) -> None:
        self.whom: list[str] = []
        if not _hooked:
            sys.addaudithook(_hook)  # cannot be removed again
            _hooked.append(True)
        _watching.append(self)

    def note(self, address: str) -> bool:
        self.whom.append(address)
        return True

    def stop(self) -> None:
        _watching.remove(self)


_hooked: list[bool] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if not _watching or event not in EVENTS:
        return
    # A local socket of this machine, such as the display's, does not count.
    local = getattr(socket, "AF_UNIX", None)
    if isinstance(arguments[0], socket.socket) and arguments[0].family == local:
        return
    for each in _watching:
        each.note(f"{event}: {arguments[1:] or arguments}")
