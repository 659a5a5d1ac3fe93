"""CMSIS-SVD through the package cmsis-svd, one peripheral at a time and with nothing expanded.

The package on its own copies the whole tree of registers for each derived peripheral and for each element of an array,
before anybody asks for one: an array of 32,768 registers in a block that others derive from takes it minutes and
gigabytes. Here it parses what is written, once; derivations and arrays stay what they are.
"""

from pathlib import Path
from typing import Any

from cmsis_svd.model import SVDAccessType, SVDDevice, SVDPeripheral
from cmsis_svd.parser import SVDParser
from lxml import etree  # type: ignore[import-untyped]

from host_tools.errors import UsageError

LARGEST_FILE = 128 << 20
MOST_ELEMENTS = 1 << 16
"""The longest array that a chip has is half as long."""

SPELLINGS = {"read": SVDAccessType.READ_ONLY, "write": SVDAccessType.WRITE_ONLY}
"""What some vendors write in place of the standard's words."""

UNREADABLE = (AttributeError, ValueError, TypeError, KeyError, IndexError, RecursionError, OverflowError)
"""What the package raises for a description that is not as it has to be."""


def load(path: Path) -> Any:
    """The XML tree of an SVD file, with no entity expanded and no other file read; UsageError where it is none."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder", fix="name an SVD file in it")
    if not path.exists():
        raise UsageError(f"{path}: there is no such file", fix="give the path of the vendor's .svd file")
    if path.stat().st_size > LARGEST_FILE:
        raise UsageError(f"{path} is larger than {LARGEST_FILE >> 20} MiB", fix="no chip's description is: check it")
    options = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        tree = etree.fromstring(path.read_bytes(), options)
    except etree.XMLSyntaxError as error:
        fix = "download the vendor's file again, or correct it at that place"
        raise UsageError(f"{path}:{error.lineno or 1}: not XML: {error.msg or 'the file is empty'}", fix=fix) from error
    document = tree.getroottree()
    if document.docinfo.internalDTD is not None:
        raise UsageError(
            f"{path} declares a document type, which an SVD file has no use for", fix="remove <!DOCTYPE …>"
        )
    if tree.tag != "device":
        raise UsageError(
            f"{path}: its root is <{tree.tag}>, not the <device> of a CMSIS-SVD file", fix="check the file"
        )
    return document


class Parser(SVDParser):
    """The package's parser. Every element that can be an array comes as one: an array's `meta` is what is written.

    `dim` of a meta is 0, which keeps the package from copying elements and from moving a cluster's registers; how many
    there are is the length of `dim_index`, which is None for what is no array.
    """

    def __init__(self, tree: Any, name: str) -> None:
        """`name` of the file, for errors."""
        super().__init__(tree)
        self.name = name

    def device(self) -> SVDDevice:
        """The device without its peripherals."""
        listed = self._root.find("peripherals")
        if listed is None or listed.find("peripheral") is None:
            raise UsageError(f"{self.name} describes no peripheral", fix="check the file: it has to be a whole device")
        self._root.remove(listed)
        try:
            device: SVDDevice = self._guarded("the device", self._parse_device, self._root)
            return device
        finally:
            self._root.append(listed)

    def nodes(self) -> dict[str, Any]:
        """The XML of each peripheral, by its name, in the order of the file."""
        found: dict[str, Any] = {}
        for node in self._root.iterfind("./peripherals/peripheral"):
            name = (node.findtext("name") or "").strip()
            if not name:
                raise UsageError(f"{self.name}:{node.sourceline}: a peripheral without a name", fix="give it one")
            if name in found:
                where = f"{self.name}:{node.sourceline}"
                raise UsageError(f"{where}: a second peripheral is called {name}", fix="remove or rename one of them")
            found[name] = node
        return found

    def peripheral(self, node: Any) -> SVDPeripheral:
        """One peripheral with all that is in it."""
        name = node.findtext("name").strip()
        peripheral: SVDPeripheral = self._guarded(f"peripheral {name}", self._parse_peripheral, node).meta_peripheral
        return peripheral

    def outline(self, node: Any) -> SVDPeripheral:
        """One peripheral without its registers, which are most of the work."""
        listed = node.find("registers")
        if listed is None:
            return self.peripheral(node)
        place = node.index(listed)
        node.remove(listed)
        try:
            outline = self.peripheral(node)
        finally:
            node.insert(place, listed)
        return outline

    def _guarded(self, what: str, parse: Any, node: Any) -> Any:
        try:
            return parse(node)
        except UNREADABLE as error:
            fix = "correct the file, or patch it with --patch"
            raise UsageError(f"{self.name}: {what}: cannot be read: {error}", fix=fix) from error

    def _parse_dim_element_group(self, node: Any) -> Any:
        count = node.find("dim")
        if count is None:
            return {**_NO_ARRAY, "dim": 0}
        text = (count.text or "").strip()
        try:
            number = int(text, 0)
        except ValueError:
            number = 0
        if not 0 < number <= MOST_ELEMENTS:
            raise ValueError(f"{node.tag} {node.findtext('name')}: an array of {text[:40] or 'nothing'} elements")
        group = super()._parse_dim_element_group(node)
        labels = [str(label).strip() for label in group["dim_index"] or ()]
        if len(labels) < number:
            raise ValueError(f"{node.tag} {node.findtext('name')}: {number} elements and {len(labels)} in its dimIndex")
        return {**group, "dim": 0, "dim_index": labels[:number]}

    @staticmethod
    def _parse_dim_index(text_value: str) -> tuple[str, list[str]]:
        text = text_value.strip()
        first, dash, last = text.partition("-")
        if dash and first.isdigit() and last.isdigit() and int(last) - int(first) >= MOST_ELEMENTS:
            raise ValueError(f"dimIndex {text[:40]} is too long")
        return SVDParser._parse_dim_index(text) if dash or "," in text else (",", [text])

    @staticmethod
    def _parse_access_type(text_value: str) -> Any:
        text = text_value.strip()
        if text in SPELLINGS:
            return SPELLINGS[text]
        known = {access.value.lower(): access for access in SVDAccessType}
        if text.lower() not in known:
            raise ValueError(f"there is no access {text[:40]!r}")
        return known[text.lower()]

    def _parse_enumerated_values(self, enumerated_values_node: Any) -> Any:
        values = super()._parse_enumerated_values(enumerated_values_node)
        values.derived_from = enumerated_values_node.get("derivedFrom")
        return values


_NO_ARRAY = dict.fromkeys(("dim_increment", "dim_index", "dim_name", "dim_array_index", "dim_index_separator"))
