"""Register descriptions on the host: what a block's registers are, read from firmware modules and written to them."""
