#ifndef CORTEN_TICKS_H
#define CORTEN_TICKS_H

#include <stdint.h>

// Starts the 1 kHz tick.
void ticks_init(void);

// The SysTick exception's handler.
void ticks_isr(void);

// With interrupts masked: sleeps until one is pending, for `longest_us` at most. No tick wakes it in between.
void ticks_sleep(uint64_t longest_us);

// Microseconds since reset; any context.
uint64_t ticks_us64(void);

#endif
