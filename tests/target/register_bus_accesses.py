"""A read and a write are one bus access each, a modify is one of each, in that order and at the declared width."""

from corten.register import W1C, Block, Field, Reg


class Port:
    def __init__(self, width):
        self.width = width

    def __getitem__(self, address):
        log.append(("read", self.width, address))
        return (1 << self.width) - 1 if self.width < 32 else -1

    def __setitem__(self, address, value):
        log.append(("write", self.width, address, value & ((1 << self.width) - 1)))


class Bus:
    mem8, mem16, mem32 = Port(8), Port(16), Port(32)


class Device(Block):
    CTRL = Reg(0x0, EN=Field(0), MODE=Field(4, 2))
    FLAGS = Reg(0x4, A=Field(0, access=W1C), B=Field(1, access=W1C), ON=Field(2))
    BYTE = Reg(0x9, width=8)
    HALF = Reg(0xA, width=16)


def accesses(action):
    log.clear()
    action()
    return list(log)


log = []
device = Device(0x1000, Bus)
assert log == []
assert accesses(device.CTRL.read) == [("read", 32, 0x1000)]
assert accesses(device.CTRL.EN.get) == [("read", 32, 0x1000)]
assert accesses(lambda: device.CTRL.write(EN=1, MODE=2)) == [("write", 32, 0x1000, 0x21)]
both = accesses(lambda: device.CTRL.modify(EN=0, MODE=1))
assert both == [("read", 32, 0x1000), ("write", 32, 0x1000, 0xFFFF_FFDE)], both
flags = accesses(lambda: device.FLAGS.modify(ON=0))
assert flags == [("read", 32, 0x1004), ("write", 32, 0x1004, 0xFFFF_FFF8)], flags
flags = accesses(lambda: device.FLAGS.modify(B=1))
assert flags == [("read", 32, 0x1004), ("write", 32, 0x1004, 0xFFFF_FFFE)], flags
assert accesses(lambda: device.BYTE.write(1)) == [("write", 8, 0x1009, 1)]
assert accesses(device.HALF.read) == [("read", 16, 0x100A)]
assert device.HALF.read() == 0xFFFF
