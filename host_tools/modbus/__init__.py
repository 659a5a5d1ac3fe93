"""The host side of apps/modbus_node: a master, what the node has at which address, and an oracle of its answers."""
