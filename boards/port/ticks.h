#ifndef CORTEN_TICKS_H
#define CORTEN_TICKS_H

#include <stdint.h>

// Starts the 1 kHz tick.
void ticks_init(void);

// The SysTick exception's handler.
void ticks_isr(void);

// Microseconds since reset; any context.
uint64_t ticks_us64(void);

#endif
