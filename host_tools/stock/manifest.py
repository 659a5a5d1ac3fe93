"""Which modules a board's manifest freezes, as MicroPython's own tool reads it; a program of its own.

    python manifest.py TREE PORT BOARD OUTPUT

TREE is MicroPython's source, PORT and BOARD the folders of the port and of its board. Prints JSON: `modules` are
[name, path, optimisation or null], `missing` the packages of micropython-lib that the source does not hold. A module
whose package has a version is written to OUTPUT with that version in it.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any


def main(tree: Path, port: Path, board: Path, output: Path) -> None:
    """Prints what the manifest of `board` freezes: its own, else the port's."""
    sys.path.insert(0, str(tree / "tools"))
    import manifestfile  # type: ignore[import-not-found]  # MicroPython's

    variables = {"MPY_DIR": tree, "PORT_DIR": port, "BOARD_DIR": board, "MPY_LIB_DIR": tree / "lib" / "micropython-lib"}
    missing: list[str] = []

    class Manifest(manifestfile.ManifestFile):  # type: ignore[misc]  # MicroPython's has no types
        def require(self, name: str, *arguments: Any, **more: Any) -> None:
            """Notes a package that is not there, where MicroPython's own gives up."""
            if any(path.parent.name == name for path in (tree / "lib" / "micropython-lib").rglob("manifest.py")):
                super().require(name, *arguments, **more)
            else:
                missing.append(name)

    found = Manifest(manifestfile.MODE_FREEZE, {name: str(path) for name, path in variables.items()})
    own = board / "manifest.py"
    found.execute(str(own if own.exists() else port / "boards" / "manifest.py"))
    modules = []
    for each in found.files():
        if each.kind != manifestfile.KIND_FREEZE_AS_MPY:
            sys.exit(f"{each.full_path}: only modules can be frozen")
        path = Path(each.full_path)
        if each.metadata.version:
            with manifestfile.tagged_py_file(str(path), each.metadata) as tagged:
                path = output / each.target_path
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(tagged, path)
        modules.append([each.target_path, str(path), each.opt])
    print(json.dumps({"modules": modules, "missing": missing}))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
