"""What is logged until the program says otherwise. `corten build` and `corten run --log` put another one in its place."""

FILTER = "info"
