"""A local board, offered over the network to one client at a time."""
