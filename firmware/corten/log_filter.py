"""What is logged until the program says otherwise. `corten build --log` puts another one in its place."""

FILTER = "info"
