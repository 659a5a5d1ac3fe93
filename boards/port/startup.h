#ifndef CORTEN_STARTUP_H
#define CORTEN_STARTUP_H

// The emulator's exit status after a fault or another end that MicroPython cannot report.
#define EXIT_FAULT 70

// Takes back the vector table, the interrupt controller and the MPU from whatever ran before: nothing but the console
// enabled, nothing pending, priorities at their reset value, interrupts unmasked, memory unprotected.
void core_init(void);

// System reset; does not return.
__attribute__((noreturn)) void port_reset(void);

// Ends an emulated board with EXIT_FAULT, resets any other; does not return.
__attribute__((noreturn)) void port_fatal(void);

#endif
