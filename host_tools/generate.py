"""What is generated from a board's description. Pure: the same board always gives the same text."""

from host_tools.boards import CAPABILITIES, Board


def board_header(board: Board) -> str:
    """The C header that the MicroPython port is compiled with: sizes in bytes, frequencies in Hz."""
    macros = {
        "BOARD_NAME": f'"{board.name}"',
        "BOARD_TITLE": f'"{board.title}"',
        "CHIP_TITLE": f'"{board.chip.title}"',
        "CPU_HZ": board.clock_hz,
        "IRQ_COUNT": board.chip.core.irq_count,
        "PRIORITY_BITS": board.chip.core.priority_bits,
        "CONSOLE_BASE": f"{board.console_peripheral.base:#010x}",
        "CONSOLE_RX_IRQ": board.console_rx_irq,
        "CONSOLE_BAUD": board.console.baud,
        "HEAP_BYTES": board.runtime.heap,
        "SEMIHOSTING": int(board.emulator is not None),
    }
    lines = "".join(f"#define CORTEN_{name} {value}\n" for name, value in macros.items())
    return f"/* {_origin(board)} */\n#pragma once\n\n{lines}"


def linker_memory(board: Board) -> str:
    """The linker script's memory: CODE and DATA, less a file system that lies at the end of either."""
    regions = {"CODE (rx)": board.runtime.code, "DATA (rwx)": board.runtime.data}
    lines = "".join(
        f"    {name} : ORIGIN = {board.chip.memory[region].base:#010x}, LENGTH = {board.runtime_bytes(region)}\n"
        for name, region in regions.items()
    )
    return f"/* {_origin(board)} */\nMEMORY\n{{\n{lines}}}\n\n_stack_size = {board.runtime.stack};\n"


def make_fragment(board: Board) -> str:
    """The make variables that choose the compiler's flags and the console's driver."""
    variables = {
        "CORE_FLAGS": board.chip.core.gcc_flags,
        "CONSOLE": board.console_peripheral.block,
        "MPY_ARCH": board.mpy_arch,
    }
    return f"# {_origin(board)}\n" + "".join(f"{name} = {value}\n" for name, value in variables.items())


def board_module(board: Board) -> str:
    """The source of the module `board` that apps import on the chip, and tests under CPython."""
    core = board.chip.core
    constants = (
        f'NAME = "{board.name}"',
        f'TITLE = "{board.title}"',
        f"CLOCK_HZ = {board.clock_hz:_}",
        f"IRQ_COUNT = {core.irq_count}",
        f"PRIORITY_BITS = {core.priority_bits}",
        f"PRIORITIES = {core.priorities}",
        f"BASEPRI = {core.has_basepri}",
        f"INTERRUPTS = {_interrupts(board)}",
        f"DISPATCHERS = {board.dispatchers}",
        f"CLOCK = {_clock(board)}",
        f"FILESYSTEM = {_filesystem(board)}",
    )
    offers = [*_peripherals(board), *_pins(board)]
    blocks = (
        [f'"""{_origin(board)}"""'],
        _imports(board),
        constants,
        offers,
        [f"CAPABILITIES = {_capabilities(board)}"],
    )
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _origin(board: Board) -> str:
    return f"{board.name}, generated from boards/{board.name}.toml: do not edit."


def _imports(board: Board) -> list[str]:
    names = [name for name, used in (("Peripheral", board.peripherals), ("Pin", board.pins)) if used]
    return [f"from corten.peripheral import {', '.join(names)}"] if names else []


def _peripherals(board: Board) -> list[str]:
    lines = []
    for name, instance in board.peripherals.items():
        chip = board.chip.peripherals[instance]
        irq = ", ".join(f'"{line}": {number}' for line, number in chip.irq.items())
        clock = board.clock_of(instance)
        hertz = f"{clock:_}" if clock else "CLOCK_HZ"
        lines.append(f'{name} = Peripheral("{name}", "{chip.block}", {_address(chip.base)}, {hertz}, {{{irq}}})')
    return lines


def _pins(board: Board) -> list[str]:
    lines = []
    for name, pin in board.pins.items():
        chip = board.chip.peripherals[pin.peripheral]
        lines.append(f'{name} = Pin("{name}", "{chip.block}", {_address(chip.base)}, {pin.bit})')
    return lines


def _interrupts(board: Board) -> str:
    return "{" + ", ".join(f'"{name}": {line}' for name, line in sorted(board.chip.lines.items())) + "}"


def _clock(board: Board) -> str:
    if board.timestamps is None:
        return "None"
    chip, hertz = board.chip.peripherals[board.timestamps], board.clock_of(board.timestamps) or board.clock_hz
    return f'("{chip.block}", {_address(chip.base)}, {hertz:_})  # see corten.clock'


def _filesystem(board: Board) -> str:
    if board.filesystem is None:
        return "None"
    size, block = board.filesystem.size, board.filesystem.block
    return f"({_address(board.filesystem_base)}, {size}, {block})  # base, size and block in bytes"


def _capabilities(board: Board) -> str:
    values = {**board.capabilities}
    if "filesystem" in values:
        values["filesystem"] = "FILESYSTEM"
    return "{" + ", ".join(f'"{name}": {values[name]}' for name in CAPABILITIES if name in values) + "}"


def _address(value: int) -> str:
    """`0x4000_0000`, as Python and the board files write it."""
    return f"{value:#011_x}"
