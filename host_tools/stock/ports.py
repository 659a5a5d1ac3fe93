"""What the build of each of MicroPython's own ports takes."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Port:
    """How one port is built.

    `submodules` are the folders of MicroPython's source that it compiles and that come from elsewhere, `folders` the
    others that only this port compiles. `options` are CMake's, `environment` its compiler flags, and `regions` says of
    each region of the linker's what a person calls it.
    """

    submodules: tuple[str, ...]
    folders: tuple[str, ...]
    options: tuple[str, ...]
    environment: Mapping[str, str]
    regions: Mapping[str, str]


PORTS = {
    "rp2": Port(
        submodules=("lib/pico-sdk", "lib/tinyusb", "lib/mbedtls"),
        folders=("ports/rp2", "drivers", "lib/oofatfs", "lib/mbedtls_errors"),
        options=("-DPICO_NO_PICOTOOL=1", "-DPICO_NO_UF2=1"),  # the UF2 file is written here
        # The SDK's one C++ file, operator new: MicroPython never calls it, and without it no C++ library is needed.
        environment={"CXXFLAGS": "-DPICO_CXX_DISABLE_ALLOCATION_OVERRIDES=1"},
        regions={"FLASH": "flash", "RAM": "RAM", "SCRATCH_X": "RAM", "SCRATCH_Y": "RAM"},
    ),
}
