"""See: watch how sprites dissolve into noise and emerge from it, frame by recorded frame."""
