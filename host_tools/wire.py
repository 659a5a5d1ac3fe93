"""The formats that host and chip share: the firmware's own files, in a checkout and where Corten is installed."""

try:
    from host_tools.data.firmware.corten.wire import (  # type: ignore[import-untyped]
        cobs,
        crc,
        frame,
        log_record,
        modbus_rtu,
    )
except ModuleNotFoundError:  # a checkout
    from firmware.corten.wire import cobs, crc, frame, log_record, modbus_rtu

__all__ = ["cobs", "crc", "frame", "log_record", "modbus_rtu"]
