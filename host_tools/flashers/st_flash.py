"""st-flash of the open ST-LINK tools: programs and resets through an ST-LINK."""

from host_tools.flash_models import StFlash
from host_tools.flashers.base import Job, Plan
from host_tools.flashers.tool import Tool, require_device, write_file
from host_tools.process import Word

RECOVERY = "repeat; a core that no longer answers is reached with its reset held: add --connect-under-reset by hand"
TOOL = Tool("st-flash", "apt install stlink-tools")


def check(job: Job, table: StFlash) -> None:
    TOOL.require()
    require_device(table.usb, "ST-LINK", "connect one")


def plan(job: Job, table: StFlash) -> Plan:
    path = write_file(job.folder, f"{job.image.path.stem}.bin", job.image.flat())
    command: list[Word] = [TOOL.name, "--reset", "write", path, f"{job.image.start:#010x}"]
    return TOOL.plan(job, command, what="flash by st-flash")
