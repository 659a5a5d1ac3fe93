"""A port that is built with CMake: configured and compiled once, then its own commands for what is frozen in."""

import json
import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from host_tools.errors import FailedError
from host_tools.files import write_whole
from host_tools.process import Word, plain_environment, run

CMAKE = "cmake"
OLDEST_CMAKE = "3.20"
TARGET = "firmware"
CONTENT = "frozen_content.c"
MAP = f"{TARGET}.map"
_OBJECT = f"CMakeFiles/{TARGET}.dir/{CONTENT}.o"
_EMPTY_ARCHIVE = b"!<arch>\n"


@dataclass(frozen=True)
class Commands:
    """How the port compiles its frozen content and links its firmware, both in the build's folder."""

    folder: Path
    compile: tuple[str, ...]
    link: tuple[str, ...]

    @classmethod
    def written_by(cls, folder: Path) -> "Commands":
        """The commands of a build, from CMake's files; FailedError where they are written in another way than known."""
        entries = json.loads((folder / "compile_commands.json").read_text(encoding="utf-8"))
        compiling = [entry["command"] for entry in entries if Path(entry["file"]).name == CONTENT]
        linking = (folder / "CMakeFiles" / f"{TARGET}.dir" / "link.txt").read_text(encoding="utf-8").splitlines()
        if len(compiling) != 1 or len(linking) != 1 or _OBJECT not in linking[0]:
            raise FailedError(f"{folder}: CMake tells no command for {CONTENT}", fix="use the CMake of Debian 12 or 13")
        return cls(folder, tuple(shlex.split(compiling[0])), tuple(shlex.split(linking[0])))

    @classmethod
    def kept_in(cls, file: Path) -> "Commands":
        """The commands that `keep` wrote."""
        data = json.loads(file.read_text(encoding="utf-8"))
        return cls(Path(data["folder"]), tuple(data["compile"]), tuple(data["link"]))

    def keep(self, file: Path) -> None:
        """Writes the commands to a file of their own: CMake's has those of all sources, and takes long to read."""
        data = {"folder": str(self.folder), "compile": self.compile, "link": self.link}
        write_whole(file, json.dumps(data))

    def compile_content(self, content: Path, unit: Path) -> None:
        """Compiles what was frozen as the port compiles it."""
        places = {self._after(self.compile, "-o"): str(unit), self._after(self.compile, "-c"): str(content)}
        self._run([places.get(word, word) for word in self.compile], "compile frozen code")

    def link_with(self, unit: Path, elf: Path) -> None:
        """Links the port's own objects with what was frozen, and writes the linker's map beside `elf`."""
        output = self._after(self.link, "-o")
        places = {_OBJECT: str(unit), output: str(elf), f"-Wl,-Map={output}.map": f"-Wl,-Map={elf.with_name(MAP)}"}
        self._run([places.get(word, word) for word in self.link], "link")

    def _run(self, command: list[str], what: str) -> None:
        run(command, what=what, cwd=self.folder, env=plain_environment())

    @staticmethod
    def _after(words: tuple[str, ...], option: str) -> str:
        return words[words.index(option) + 1]


def build(folder: Path, port: Path, options: list[Word], environment: Mapping[str, str], cross: Path) -> None:
    """Compiles `port`, a folder of MicroPython's source, into `folder` with nothing frozen in.

    The dates in the firmware are that of the source, so that the same source always gives the same bytes.
    """
    library, stand_in, manifest = folder / "no-library", folder / "no-c++", folder / "manifest.py"
    for made in (library, stand_in):
        made.mkdir(parents=True)
    (library / "README.md").touch()
    (stand_in / "libstdc++.a").write_bytes(_EMPTY_ARCHIVE)  # g++ links it; nothing is taken from it
    manifest.touch()
    dated = (port.parent.parent / "py" / "mpconfig.h").stat().st_mtime
    own = {"MICROPY_MPYCROSS": str(cross), "LDFLAGS": f"-L{stand_in}", "SOURCE_DATE_EPOCH": str(int(dated))}
    env = {**plain_environment(), **own, **environment}
    command: list[Word] = [
        CMAKE, "-G", "Unix Makefiles", "-S", port, "-B", folder / "build", *options,
        "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", f"-DPython3_EXECUTABLE={sys.executable}",
        f"-DMICROPY_LIB_DIR={library}", f"-DMICROPY_FROZEN_MANIFEST={manifest}",
    ]  # fmt: skip
    run(command, what=f"configure MicroPython's {port.name}", env=env)
    run(["make", f"-j{os.cpu_count() or 1}", "-C", folder / "build", TARGET], what=f"compile {port.name}", env=env)
