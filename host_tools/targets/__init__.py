"""Where firmware runs: an emulator, or a board behind a serial port. One file each, one interface."""
