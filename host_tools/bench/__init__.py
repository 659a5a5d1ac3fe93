"""What is measured: one file a benchmark, each with a function `measure(board, say)` that yields rows."""

BENCHMARKS = {
    "registers": "register_costs",
    "registers/svd-generate": "svd",
    "registers/equivalence": "equivalence",
    "trace": "trace_cost",
    "critical": "lock_costs",
    "pin": "pin_costs",
    "pin/write": "pin_hot",
    "channel": "channel_costs",
    "handler": "handlers",
    "uart/receive-byte/of": "uart_fifo",
    "interrupts/timer": "interrupts",
    "interrupts/preempted": "preemption",
    "uart": "uart_costs",
    "uart/both-ways": "uart_soak",
    "uart/forced-overrun": "uart_overrun",
    "modbus": "modbus",
    "boot": "boot",
    "tests/per-second": "rate",
    "tests/two-ports": "two_ports",
    "suite": "suite",
    "exec/print": "exec_print",
    "remote": "remote",
    "idle/cpu": "idle",
    "run/second-start": "second_start",
}
"""Each benchmark's name, which its rows' names start with, and its module here."""
