"""DFU: an STM32's boot loader over USB, by dfu-util, from a DfuSe file that is made and verified here."""

from host_tools.flash_models import Dfu
from host_tools.flashers import dfuse
from host_tools.flashers.base import Job, Plan, Refused
from host_tools.flashers.tool import Tool, require_device, write_file
from host_tools.process import Word

RECOVERY = "the boot loader is in ROM and cannot be lost: hold BOOT0 high, reset the board, and repeat"
TOOL = Tool("dfu-util", "apt install dfu-util")
ENTER = "hold BOOT0 high while the board is reset, its USB connected"


def check(job: Job, table: Dfu) -> None:
    TOOL.require()
    require_device((table.usb,), "boot loader in DFU mode", ENTER)


def plan(job: Job, table: Dfu) -> Plan:
    vendor, product = (int(word, 16) for word in table.usb.split(":"))
    file = dfuse.DfuFile(vendor, product, table.alternate, job.image.chunks)
    data = dfuse.write(file, job.board.name)
    if dfuse.read(data) != file:
        raise Refused("the DFU file that was made reads back as another one", "report this: it is a fault of Corten")
    path = write_file(job.folder, f"{job.image.path.stem}.dfu", data)
    command: list[Word] = [TOOL.name, "-d", table.usb, "-a", str(table.alternate), "-s", ":leave", "-D", path]
    return TOOL.plan(job, command, what="flash by DFU")
