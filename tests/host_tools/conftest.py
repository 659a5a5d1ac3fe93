"""`corten` in an empty project folder, and the image without an app."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from host_tools.boards import load_board
from host_tools.build import Image, build
from tests.host_tools.commands import Corten


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The build folder of all tests of a session: an image is linked once, also when pytest-xdist spreads them."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "build"


@pytest.fixture
def corten(tmp_path: Path, built: Path) -> Iterator[Corten]:
    """The command line in an empty project folder; emulators in the background are the test's own."""
    runtime = tempfile.mkdtemp(prefix="corten-test-", dir="/tmp")  # a socket's path must be short
    command = Corten(tmp_path, {"CORTEN_BUILD": str(built), "XDG_RUNTIME_DIR": runtime})
    yield command
    command.close()
    for board in {path.stem for path in Path(runtime).glob("corten/*.json")}:
        command("stop", "--board", board)
    shutil.rmtree(runtime)


@pytest.fixture(scope="session")
def image(built: Path) -> Image:
    """The image without an app, for the default board."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORTEN_BUILD", str(built))
        return build(load_board("mps2_an385"), None, print)
