#ifndef CORTEN_STARTUP_H
#define CORTEN_STARTUP_H

#include <stdint.h>

// The emulator's exit status after a fault or another end that MicroPython cannot report.
#define EXIT_FAULT 70

// Takes back the vector table, the interrupt controller and the MPU from whatever ran before: nothing but the console
// enabled, nothing pending, priorities at their reset value, interrupts unmasked, memory unprotected.
void core_init(void);

// With interrupts masked: sleeps until one is pending, with port_sleep_hook(0) before and port_sleep_hook(1) after it.
void port_sleep(void);

// NULL where nobody watches; core_init puts it back.
extern void (*port_sleep_hook)(uint32_t is_awake);

// System reset; does not return.
__attribute__((noreturn)) void port_reset(void);

// Ends an emulated board with EXIT_FAULT, resets any other; does not return.
__attribute__((noreturn)) void port_fatal(void);

#endif
