"""How much of flash and RAM an image takes: by module and by function, of Python and of C."""
