// What has to be set up before the console: the core's clock, clock gates, and the console's pins.
#ifndef CORTEN_HARDWARE_H
#define CORTEN_HARDWARE_H

#include <stdbool.h>
#include <stdint.h>

// A bit that lets a block's clock through; none where the register is 0.
typedef struct {
    uint32_t control;
    unsigned bit;
} gate_t;

// Once, before anything else is touched. Does not return where the clock cannot be set.
void hardware_init(void);

// The core runs at CORTEN_CPU_HZ from here on: by the file of the block that boards/*.toml names as `clock_control`.
void clock_init(void);

// Gives a pin of the port at `base` to a peripheral: by the file of the port's block. Its clock runs.
void pin_alternate(uint32_t base, unsigned pin, unsigned function);

// For the fault handler: whether a non-maskable interrupt was an error of the flash, which is then taken back: by the file
// of the block that programs the board's file system, where there is one.
bool flash_error_taken(void);

#endif
