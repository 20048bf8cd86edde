"""Watch: every step of a forward or reverse process, in linked views."""
