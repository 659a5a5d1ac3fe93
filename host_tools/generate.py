"""What is generated from a board's description. Pure: the same board always gives the same text."""

from collections.abc import Iterable, Sequence

from host_tools.board_models import ChipPeripheral, Offer
from host_tools.boards import CAPABILITIES, Board

_TAKE = (
    "",
    "def take(name, owner=None):",
    '    """Take what the board or the chip calls `name`, such as "LED" or "PA5"; see `corten.peripheral.take`."""',
    "    return peripheral.take(_OFFERS, PORTS, name, owner)",
)


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
        "HEAP_BYTES": board.own_port.heap,
        "SEMIHOSTING": int(board.emulator is not None),
    } | _boot_macros(board)
    lines = "".join(f"#define CORTEN_{name} {value}\n" for name, value in macros.items())
    return f"/* {_origin(board)} */\n#pragma once\n\n{lines}"


def linker_memory(board: Board) -> str:
    """The linker script's memory: CODE and DATA, less a file system that lies at the end of either."""
    regions = {"CODE (rx)": board.own_port.code, "DATA (rwx)": board.own_port.data}
    lines = "".join(
        f"    {name} : ORIGIN = {board.chip.memory[region].base:#010x}, LENGTH = {board.runtime_bytes(region)}\n"
        for name, region in regions.items()
    )
    return f"/* {_origin(board)} */\nMEMORY\n{{\n{lines}}}\n\n_stack_size = {board.own_port.stack};\n"


def make_fragment(board: Board) -> str:
    """The make variables that choose the compiler's flags and the console's driver."""
    variables = {
        "CORE_FLAGS": board.chip.core.gcc_flags,
        "BLOCKS": " ".join(port_blocks(board)),
        "MPY_ARCH": board.mpy_arch,
    }
    return f"# {_origin(board)}\n" + "".join(f"{name} = {value}\n" for name, value in variables.items())


def port_blocks(board: Board) -> list[str]:
    """The IP blocks that the port itself drives, the console's first: it has a C file for each."""
    named = [board.console.peripheral, *(port for port, _, _ in _console_pins(board))]
    controller = board.filesystem.controller if board.filesystem else None
    blocks = [board.chip.peripherals[name].block for name in [*named, board.clock_control, controller] if name]
    return list(dict.fromkeys(blocks))


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
        f"CLOCK: tuple | None = {_clock(board)}",
        f"FILESYSTEM = {_filesystem(board)}",
        f"FILESYSTEM_CONTROLLER = {_filesystem_controller(board)}",
    )
    blocks = (
        [f'"""{_origin(board)}"""'],
        ["from corten import peripheral", "from corten.peripheral import Peripheral, Pin"],
        constants,
        [*_peripherals(board), *_pins(board)],
        [f"CAPABILITIES: dict = {_capabilities(board)}", f"PORTS = {_ports(board)}", f"_OFFERS = {_offers(board)}"],
        _TAKE,
    )
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _boot_macros(board: Board) -> dict[str, str]:
    """What the port sets up before the console: the core's clock, the console's clock gate, its pins."""
    macros: dict[str, str] = {}
    if board.clock_control:
        control = board.chip.peripherals[board.clock_control]
        uses = {f"CLOCK_{role.upper()}": board.chip.peripherals[name] for role, name in control.uses.items()}
        macros |= {f"{name}_BASE": f"{chip.base:#010x}" for name, chip in {"CLOCK": control, **uses}.items()}
    if name := board.own_port.more_heap:
        region = board.chip.memory[name]
        macros |= {"MORE_HEAP_BASE": f"{region.base:#010x}", "MORE_HEAP_BYTES": str(region.size)}
    if board.filesystem and board.filesystem.controller:
        macros["FLASH_BASE"] = f"{board.chip.peripherals[board.filesystem.controller].base:#010x}"
    macros["CONSOLE_GATE"] = _c_gate(board.console_peripheral)
    if pins := _console_pins(board):
        ports = {port: board.chip.peripherals[port] for port, _, _ in pins}
        rows = [f"{{ {ports[port].base:#010x}, {_c_gate(ports[port])}, {bit}, {af} }}" for port, bit, af in pins]
        macros["CONSOLE_PINS"] = ", ".join(rows)
    return macros


def _c_gate(chip: ChipPeripheral) -> str:
    """A clock gate as C initialises a `gate_t`; that of a block without one has the address 0."""
    return f"{{ {chip.gate.address:#010x}, {chip.gate.bit} }}" if chip.gate else "{ 0, 0 }"


def _console_pins(board: Board) -> list[tuple[str, int, int]]:
    """(port, bit, alternate function) of each pin of the console."""
    found = ((board.chip_pin(name), function) for name, function in board.console.pins.values())
    return [(pin.peripheral, pin.bit, function) for pin, function in found if pin]


def _origin(board: Board) -> str:
    return f"{board.name}, generated from boards/{board.name}.toml: do not edit."


def _peripherals(board: Board) -> list[str]:
    lines = []
    for name, offer in board.peripherals.items():
        chip = board.chip.peripherals[offer.instance]
        clock = board.clock_of(offer.instance)
        hertz = f"{clock:_}" if clock else "CLOCK_HZ"
        irq = _dict((line, str(number)) for line, number in chip.irq.items())
        more = {"uses": _uses(board, chip), "gates": _gates(board, chip), "reset": _reset(chip), "pins": _roles(offer)}
        rest = "".join(f", {field}={value}" for field, value in more.items() if value)
        lines.append(f'{name} = Peripheral("{name}", "{chip.block}", {_address(chip.base)}, {hertz}, {irq}{rest})')
    return lines


def _pins(board: Board) -> list[str]:
    lines = []
    for name, pin in board.pins.items():
        chip = board.chip.peripherals[pin.peripheral]
        more = {"uses": _uses(board, chip), "gates": _gates(board, chip)}
        rest = "".join(f", {field}={value}" for field, value in more.items() if value)
        lines.append(f'{name} = Pin("{name}", "{chip.block}", {_address(chip.base)}, {pin.bit}{rest})')
    return lines


def _ports(board: Board) -> str:
    ports = [
        f'("{chip.pins.prefix}", {chip.pins.count}, "{chip.block}", {_address(chip.base)}, '
        f"{_uses(board, chip) or '{}'}, {_gates(board, chip) or '()'})"
        for chip in board.chip.peripherals.values()
        if chip.pins
    ]
    return _tuple(ports)


def _offers(board: Board) -> str:
    return _dict((name, name) for name in (*board.peripherals, *board.pins))


def _uses(board: Board, chip: ChipPeripheral) -> str:
    """The bases of what a driver needs beside its own block, "" for nothing."""
    found = {role: _address(board.chip.peripherals[instance].base) for role, instance in chip.uses.items()}
    return _dict(found.items()) if found else ""


def _gates(board: Board, chip: ChipPeripheral) -> str:
    """The clock gates of a block and of what it uses, "" for none."""
    needed = [chip, *(board.chip.peripherals[instance] for instance in chip.uses.values())]
    gates = [f"({_address(each.gate.address)}, {each.gate.bit})" for each in needed if each.gate]
    return _tuple(gates) if gates else ""


def _reset(chip: ChipPeripheral) -> str:
    if chip.reset is None:
        return ""
    done = _address(chip.reset.done) if chip.reset.done else "0"
    return f"({_address(chip.reset.address)}, {chip.reset.bit}, {done})"


def _roles(offer: Offer) -> str:
    return _dict((role, f'("{pin}", {function})') for role, (pin, function) in offer.pins.items()) if offer.pins else ""


def _dict(items: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f'"{key}": {value}' for key, value in items) + "}"


def _tuple(items: Sequence[str]) -> str:
    return "(" + ", ".join(items) + ("," if len(items) == 1 else "") + ")"


def _interrupts(board: Board) -> str:
    return _dict((name, str(line)) for name, line in sorted(board.chip.lines.items()))


def _clock(board: Board) -> str:
    if board.timestamps is None:
        return "None"
    chip, hertz = board.chip.peripherals[board.timestamps], board.clock_of(board.timestamps) or board.clock_hz
    gates = _gates(board, chip) or "()"
    return f'("{chip.block}", {_address(chip.base)}, {hertz:_}, {gates})  # see corten.clock'


def _filesystem(board: Board) -> str:
    if board.filesystem is None:
        return "None"
    size, block = board.filesystem.size, board.filesystem.block
    return f"({_address(board.filesystem_base)}, {size}, {block})  # base, size and block in bytes"


def _filesystem_controller(board: Board) -> str:
    if board.filesystem is None or board.filesystem.controller is None:
        return "None"
    chip = board.chip.peripherals[board.filesystem.controller]
    return f'("{chip.block}", {_address(chip.base)})  # what programs it: the driver and its base'


def _capabilities(board: Board) -> str:
    values = {**board.capabilities}
    if "filesystem" in values:
        values["filesystem"] = "FILESYSTEM"
    return _dict((name, str(values[name])) for name in CAPABILITIES if name in values)


def _address(value: int) -> str:
    """`0x4000_0000`, as Python and the board files write it."""
    return f"{value:#011_x}"
