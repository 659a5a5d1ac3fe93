"""OpenOCD: programs, verifies and resets through a debug probe."""

from host_tools.flash_models import OpenOcd
from host_tools.flashers.base import Job, Plan
from host_tools.flashers.tool import Tool, require_device, write_file
from host_tools.process import Word

RECOVERY = "repeat; a core that no longer answers is reached with its reset held: press the reset button meanwhile"
TOOL = Tool("openocd", "apt install openocd")


def check(job: Job, table: OpenOcd) -> None:
    TOOL.require()
    require_device(table.usb, "debug probe", "connect one")


def plan(job: Job, table: OpenOcd) -> Plan:
    path = write_file(job.folder, f"{job.image.path.stem}.bin", job.image.flat())
    # The path is a word of Tcl's, in which braces keep blanks.
    program = f"program {{{path}}} verify reset exit {job.image.start:#010x}"
    command: list[Word] = [TOOL.name, *(word for name in table.config for word in ("-f", name)), "-c", program]
    return TOOL.plan(job, command, what="flash by OpenOCD")
