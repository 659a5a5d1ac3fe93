"""`python -m host_tools.cli` is `corten`."""

from host_tools.cli import main

main()
