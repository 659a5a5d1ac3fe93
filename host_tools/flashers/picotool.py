"""Raspberry Pi's picotool: sends the board into its boot loader, loads, verifies and starts the image."""

from host_tools.flash_models import Picotool
from host_tools.flashers.base import Job, Plan
from host_tools.flashers.tool import Tool, require_device, write_file
from host_tools.process import Word

RECOVERY = "the boot loader is in ROM and cannot be lost: hold BOOTSEL while plugging the board in, and repeat"
TOOL = Tool("picotool", "build it from https://github.com/raspberrypi/picotool; from trixie on: apt install picotool")


def check(job: Job, table: Picotool) -> None:
    TOOL.require()
    require_device(table.usb, "board", "plug it in")


def plan(job: Job, table: Picotool) -> Plan:
    path = write_file(job.folder, f"{job.image.path.stem}.bin", job.image.flat())
    command: list[Word] = [TOOL.name, "load", "-f", "-v", "-x", path, "-t", "bin", "-o", f"{job.image.start:#010x}"]
    return TOOL.plan(job, command, what="flash by picotool")
