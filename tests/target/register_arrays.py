"""Arrays of registers, of clusters and of fields: each element is where its index says, and there are no others."""

import uctypes

from corten.register import Array, Block, Cluster, Field, Reg

memory = bytearray(0x40)


class Channel(Block):
    CONTROL = Reg(0x0, EN=Field(0), LEVEL=Field(4, 2, count=4))
    COUNT = Reg(0x4, width=16)


class Device(Block):
    SIZE = 0x40
    BUFFER = Array(Reg(0x00, width=8), count=4, stride=2)
    CHANNEL = Array(Cluster(Channel, 0x10), count=3, stride=8)
    COMMON = Cluster(Channel, 0x30)
    HIGH = Reg(0x38, SEL=Field(0, 4, count=8, first=8))


def refused(kind, words, action):
    try:
        action()
    except kind as error:
        assert words in str(error), error
    else:
        raise AssertionError("%s was not refused" % words)


base = uctypes.addressof(memory)
device = Device(base)
assert [device.BUFFER[index].address - base for index in range(len(device.BUFFER))] == [0, 2, 4, 6]
for index in range(3):
    assert device.CHANNEL[index].COUNT.address - base == 0x14 + 8 * index
    device.CHANNEL[index].CONTROL.modify(EN=1, LEVEL3=index)
    device.CHANNEL[index].CONTROL.LEVEL[index].set(3)
    device.BUFFER[index].write(0x80 + index)
device.COMMON.COUNT.write(0xFFFF)
device.HIGH.modify(SEL8=1, SEL15=15)
assert memory[:8] == b"\x80\0\x81\0\x82\0\0\0", memory
assert [device.CHANNEL[index].CONTROL.read() for index in range(3)] == [0x031, 0x4C1, 0xB01]
assert memory[0x34:0x36] == b"\xff\xff"
assert device.HIGH.SEL[15].get() == device.HIGH.SEL15.get() == 15
assert device.HIGH.read() == 0xF000_0001
refused(IndexError, "Device.BUFFER has the elements 0 to 3, not 4", lambda: device.BUFFER[4])
refused(IndexError, "not -1", lambda: device.CHANNEL[-1])
refused(IndexError, "Device.HIGH.SEL has the elements 8 to 15, not 7", lambda: device.HIGH.SEL[7])
refused(AttributeError, "has no field SEL16", lambda: device.HIGH.modify(SEL16=0))
refused(AttributeError, "has no field SEL;", lambda: device.HIGH.modify(SEL=0))
refused(AttributeError, "has no field SEL08", lambda: device.HIGH.modify(SEL08=0))
refused(ValueError, "keeps its elements apart", lambda: Array(Reg(0), count=2, stride=2))


class Outside(Block):
    SIZE = 0x10
    LAST = Array(Reg(0x08), count=3, stride=4)


refused(ValueError, "Outside.LAST lies outside the block's 16 bytes", lambda: Outside(base))
