"""The outside world of an app, played by the host: one file for each app of the same name in firmware/apps."""
