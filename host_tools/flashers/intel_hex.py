"""Intel HEX files: "Intel Hexadecimal Object File Format Specification", revision A, 1988."""

_DATA, _END, _SEGMENT, _START_SEGMENT, _LINEAR, _START_LINEAR = range(6)
_HEAD = 4  # length, two bytes of offset, type
_SHIFTS = {_SEGMENT: 4, _LINEAR: 16}


def read(text: str) -> list[tuple[int, bytes]]:
    """(address, bytes) of each data record. ValueError, with the line, for what is no such file or not whole."""
    chunks = []
    upper = 0
    for number, line in enumerate(text.splitlines(), 1):
        offset, kind, data = _record(line.strip(), number)
        if kind == _DATA:
            chunks.append((upper + offset, data))
        elif kind == _END:
            return chunks
        elif kind in _SHIFTS:
            upper = int.from_bytes(data, "big") << _SHIFTS[kind]
        elif kind not in (_START_SEGMENT, _START_LINEAR):
            raise ValueError(f"line {number}: a record of type {kind}, which there is not")
    raise ValueError("it ends without an end record")


def _record(line: str, number: int) -> tuple[int, int, bytes]:
    """(offset, type, data) of one line."""
    try:
        record = bytes.fromhex(line.removeprefix(":"))
    except ValueError:
        record = b""
    if not line.startswith(":") or len(record) <= _HEAD or len(record) != _HEAD + record[0] + 1:
        raise ValueError(f"line {number}: no record of Intel HEX")
    if sum(record) & 0xFF:
        raise ValueError(f"line {number}: its checksum is wrong")
    return int.from_bytes(record[1:3], "big"), record[3], record[_HEAD:-1]
