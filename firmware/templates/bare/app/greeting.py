"""What the app says."""


def greeting(title):
    """Return it. title: of the board."""
    return "Hello from the " + title
