"""What a target did in place of showing its prompt, and what to do about it."""

from host_tools.errors import TargetError

SHOWN_BYTES = 400
GARBAGE_SHARE = 0.3
"""From this share of bytes that are no text on, the line is read at the wrong speed."""

FLOOD_BYTES = 2048
"""Who sends more than this in answer to a request of a few bytes talks on its own."""

FRIENDLY_PROMPT = b">>> "
STUCK_FIX = "reset it; if its main.py does this again, flash it anew or erase its file system"
CONTROLS = bytes((7, 8, 9, 10, 12, 13, 27))
NO_PROMPT = "the target shows no raw REPL prompt"


def explain(seen: bytes, request: bytes, timeout_s: float) -> TargetError:
    """The error for a target that sent `seen`, the last of it, after it was asked with `request` for `timeout_s`."""
    cause, fix = _reason(seen, request)
    return TargetError(f"{NO_PROMPT} within {timeout_s:.3g} s: {cause}", fix=fix)


def _reason(seen: bytes, request: bytes) -> tuple[str, str]:
    shown = repr(seen[-SHOWN_BYTES:])
    cause, fix = f"it sent {shown}", STUCK_FIX
    if not seen:
        cause, fix = (
            "it sent nothing",
            "check its power, that it runs MicroPython and that this is its console; reset it",
        )
    elif set(seen) <= set(request):
        cause, fix = (
            "it only sends back what it is sent",
            "see whether this is the board's port, and not a looped-back line",
        )
    elif _garbage_share(seen) >= GARBAGE_SHARE:
        cause = f"it sent bytes that are no text: {shown}"
        fix = "compare the baud rate of its console with the port's; see that nothing else uses the line"
    elif seen.rstrip().endswith(FRIENDLY_PROMPT.rstrip()):
        cause = f"it shows MicroPython's prompt and does not take Ctrl-A: {cause}"
    elif len(seen) >= FLOOD_BYTES:
        cause = f"it keeps sending and does not stop at Ctrl-C; the last of it: {shown}"
    elif b"KeyboardInterrupt" in seen:
        cause = f"its program does not end at Ctrl-C: {cause}"
    else:
        fix = "check that it runs MicroPython and that nothing else uses its console; if it is stuck, reset it"
    return cause, fix


def _garbage_share(data: bytes) -> float:
    """How many of the bytes are no text in any encoding that a board may use."""
    text = data.decode("utf-8", errors="replace")
    odd = sum(1 for letter in text if letter == "\ufffd" or (ord(letter) < 32 and ord(letter) not in CONTROLS))  # noqa: PLR2004
    return odd / len(text)
