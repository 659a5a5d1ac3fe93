"""What several values of a board or chip file must be together."""

from collections.abc import Collection
from itertools import pairwise
from typing import NamedTuple

from host_tools.board_models import ADDRESS_SPACE, CAPABILITIES, CONSOLE_LINES, MODULE_NAMES, Board, Chip, Roles, one_of
from host_tools.toml_lines import KeyPath

_OTHER_NAME = "a name that is free in the module board"


class Problem(NamedTuple):
    """`path` leads to a field, `expected` is what it has to be, `got` its value, None where there is none."""

    path: KeyPath
    expected: str
    got: object


class Problems(list[Problem]):
    """What several values of a file have to be together and are not."""

    def expect(self, good: bool, path: KeyPath, expected: str, got: object) -> None:
        """Notes a problem unless `good`."""
        if not good:
            self.append(Problem(path, expected, got))

    def known(self, names: Collection[str], path: KeyPath, name: str) -> bool:
        """Notes a problem unless `name` is one of `names`; returns whether it is."""
        self.expect(name in names, path, one_of(names), name)
        return name in names


def check_chip(chip: Chip, found: Problems) -> None:
    """Adds to `found` what is wrong with a chip as a whole."""
    regions = sorted(chip.memory.items(), key=lambda item: item[1].base)
    for (below, lower), (name, region) in pairwise(regions):
        expected = f"at least {lower.end:#010x}, where memory.{below} ends"
        found.expect(region.base >= lower.end, ("memory", name, "base"), expected, region.base)
    for name, region in regions:
        room = ADDRESS_SPACE - region.base
        found.expect(region.size <= room, ("memory", name, "size"), f"at most {room} at this base", region.size)
    owners: dict[int, str] = {}
    ports: dict[str, str] = {}
    count = chip.core.irq_count
    for name, peripheral in chip.peripherals.items():
        owner = owners.setdefault(peripheral.base, name)
        expected = f"an address other than that of {owner}"
        found.expect(owner == name, ("peripherals", name, "base"), expected, peripheral.base)
        for line, number in peripheral.irq.items():
            path = ("peripherals", name, "irq", line)
            found.expect(number < count, path, f"less than core.irq_count, {count}", number)
        for role, instance in peripheral.uses.items():
            found.known(chip.peripherals, ("peripherals", name, "uses", role), instance)
        if peripheral.pins:
            prefix = peripheral.pins.prefix
            port = ports.setdefault(prefix, name)
            found.expect(port == name, ("peripherals", name, "pins"), f"a prefix other than that of {port}", prefix)
    described = {number: name for name, peripheral in chip.peripherals.items() for number in peripheral.irq.values()}
    for name, number in chip.interrupts.items():
        of_other = f"a line that {described.get(number)} does not have"
        found.expect(number not in described, ("interrupts", name), of_other, number)
        found.expect(number < count, ("interrupts", name), f"less than core.irq_count, {count}", number)
        found.expect(name not in chip.peripherals, ("interrupts", name), "a name that no peripheral has", name)


def check_board(board: Board, found: Problems) -> None:
    """Adds to `found` what is wrong with a board as a whole."""
    found.expect(
        (board.runtime is None) != (board.firmware is None), ("runtime",), "either this section or [firmware]", None
    )
    _check_runtime(board, found)
    _check_firmware(board, found)
    _check_clocks(board, found)
    _check_console(board, found)
    _check_interrupts(board, found)
    _check_filesystem(board, found)
    _check_offers(board, found)
    _check_capabilities(board, found)


def _check_runtime(board: Board, found: Problems) -> None:
    runtime, memory = board.runtime, board.chip.memory
    if runtime is None:
        return
    if found.known(memory, ("runtime", "code"), runtime.code):
        access = memory[runtime.code].access
        found.expect("x" in access, ("runtime", "code"), "a region with access x", runtime.code)
    if found.known(memory, ("runtime", "data"), runtime.data):
        region, need = memory[runtime.data], runtime.stack + runtime.heap
        found.expect("w" in region.access, ("runtime", "data"), "a region with access w", runtime.data)
        room = f"at most {region.size}, all of memory.{runtime.data}, together with the stack"
        found.expect(need <= region.size, ("runtime", "heap"), room, need)
    found.expect(runtime.code != runtime.data, ("runtime", "data"), "a region other than runtime.code", runtime.data)
    more = runtime.more_heap
    if more is not None and found.known(memory, ("runtime", "more_heap"), more):
        path = ("runtime", "more_heap")
        found.expect("w" in memory[more].access, path, "a region with access w", more)
        used = {runtime.code, runtime.data} | ({board.filesystem.memory} if board.filesystem else set())
        found.expect(more not in used, path, "a region that nothing else has", more)


def _check_firmware(board: Board, found: Problems) -> None:
    firmware, memory = board.firmware, board.chip.memory
    if firmware is not None and found.known(memory, ("firmware", "memory"), firmware.memory):
        region = memory[firmware.memory]
        found.expect("x" in region.access, ("firmware", "memory"), "a region with access x", firmware.memory)
        room = f"at most {region.size}, all of memory.{firmware.memory}"
        found.expect(firmware.flash <= region.size, ("firmware", "flash"), room, firmware.flash)


def _check_clocks(board: Board, found: Problems) -> None:
    for instance in board.clocks:
        found.known(board.chip.peripherals, ("clocks", instance), instance)
    for instance in board.emulator.clocks if board.emulator else ():
        found.known(board.chip.peripherals, ("emulator", "clocks", instance), instance)
    if board.clock_control is not None:
        found.known(board.chip.peripherals, ("clock_control",), board.clock_control)


def _check_console(board: Board, found: Problems) -> None:
    name, path, known = (board.console.peripheral, ("console", "peripheral"), board.chip.peripherals)
    if found.known(known, path, name):
        has_irq = any(line in known[name].irq for line in CONSOLE_LINES)
        found.expect(has_irq, path, "a peripheral with an irq called rx, usart, uart or usb", name)
    _check_pins(board, found, ("console", "pins"), board.console.pins)
    if board.emulator is not None:
        for index, uart in enumerate(board.emulator.uarts):
            found.known(known, ("emulator", "uarts", index), uart)
        uarts = board.emulator.uarts
        found.expect(name in uarts, ("emulator", "uarts"), f"the console's {name} among others", uarts)


def _check_interrupts(board: Board, found: Problems) -> None:
    chip, owners = board.chip, {number: name for name, number in board.chip.lines.items()}
    for index, number in enumerate(board.dispatchers):
        path, count = ("dispatchers", index), chip.core.irq_count
        found.expect(number < count, path, f"less than core.irq_count of the chip, {count}", number)
        owner = owners.setdefault(number, f"dispatchers.{index}")
        found.expect(owner == f"dispatchers.{index}", path, f"a line that {owner} does not have", number)
    if board.timestamps is not None:
        found.known(chip.peripherals, ("timestamps",), board.timestamps)


def _check_filesystem(board: Board, found: Problems) -> None:
    filesystem, runtime, firmware, memory = board.filesystem, board.runtime, board.firmware, board.chip.memory
    if filesystem is None:
        return
    size, block, name = filesystem.size, filesystem.block, filesystem.memory
    found.expect(size % block == 0, ("filesystem", "size"), f"a multiple of filesystem.block, {block}", size)
    if found.known(memory, ("filesystem", "memory"), name):
        flash = firmware is not None and firmware.memory == name  # the port writes it
        if filesystem.controller is None:
            found.expect(flash or "w" in memory[name].access, ("filesystem", "memory"), "a region with access w", name)
        else:
            found.known(board.chip.peripherals, ("filesystem", "controller"), filesystem.controller)
        used = runtime.stack + runtime.heap if runtime and name == runtime.data else 0
        free = max(0, (firmware.flash if firmware and flash else memory[name].size) - used)
        found.expect(size <= free, ("filesystem", "size"), f"at most {free}, what is free in memory.{name}", size)


def _check_offers(board: Board, found: Problems) -> None:
    owners: dict[object, str] = {board.console.peripheral: "the console"}
    for name, offer in board.peripherals.items():
        instance = offer.instance
        found.known(board.chip.peripherals, ("peripherals", name), instance)
        owner = owners.setdefault(instance, name)
        found.expect(owner == name, ("peripherals", name), f"a peripheral that {owner} does not have", instance)
        _check_pins(board, found, ("peripherals", name, "pins"), offer.pins)
        found.expect(name not in MODULE_NAMES, ("peripherals", name), _OTHER_NAME, name)
    for name, pin in board.pins.items():
        if found.known(board.chip.peripherals, ("pins", name, "peripheral"), pin.peripheral):
            bank = board.chip.peripherals[pin.peripheral].pins
            count = bank.count if bank else pin.bit + 1
            found.expect(pin.bit < count, ("pins", name, "bit"), f"less than the port's pins, {count}", pin.bit)
        owner = owners.setdefault((pin.peripheral, pin.bit), name)
        found.expect(owner == name, ("pins", name, "bit"), f"a bit that {owner} does not have", pin.bit)
        taken = name in MODULE_NAMES or name in board.peripherals
        found.expect(not taken, ("pins", name), _OTHER_NAME, name)


def _check_pins(board: Board, found: Problems, path: KeyPath, pins: Roles) -> None:
    for role, (name, _) in pins.items():
        found.expect(board.chip_pin(name) is not None, (*path, role), "a pin of one of the chip's ports", name)


def _check_capabilities(board: Board, found: Problems) -> None:
    given, excluded = board.capabilities, board.excluded
    for path in [("capabilities", name) for name in given] + [("excluded", name) for name in excluded]:
        found.known(CAPABILITIES, path, path[-1])
    for name in CAPABILITIES:
        stated = name in given or name in excluded
        found.expect(stated, ("capabilities", name), f"a value, or why not as excluded.{name}", None)
        twice = name in given and name in excluded
        found.expect(not twice, ("excluded", name), f"nothing beside capabilities.{name}", excluded.get(name))
    for name in board.not_emulated:
        found.known(sorted(given), ("not_emulated", name), name)
    for name, value in given.items():
        if isinstance(value, str):
            found.known(sorted(board.peripherals | board.pins), ("capabilities", name), value)
    stored = "filesystem" not in given or board.filesystem is not None
    found.expect(stored, ("capabilities", "filesystem"), "a [filesystem] section with it", None)
    stamped = "clock" not in given or board.timestamps is not None
    found.expect(stamped, ("capabilities", "clock"), "timestamps with it", None)
    core = board.chip.core.type
    found.expect("armv7m" not in given or board.chip.core.has_basepri, ("capabilities", "armv7m"), "a later core", core)
    found.expect("fpu" not in given or core.endswith("f"), ("capabilities", "fpu"), "a core with an FPU", core)
