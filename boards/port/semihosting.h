// Arm semihosting (Arm 2020, "Semihosting for AArch32 and AArch64", version 3.0): how an emulated board gets its
// instructions and ends with a status. Only boards with an [emulator] are built with it. On silicon without a debugger
// its breakpoint is a fault, out of which the first call returns an error, as all later ones do without one.
#ifndef CORTEN_SEMIHOSTING_H
#define CORTEN_SEMIHOSTING_H

#include <stdbool.h>
#include <stdint.h>

// Whether the emulator was started with this word among the guest's arguments.
bool semihosting_has_argument(const char *word);

// Ends the emulator with this exit status; returns where there is no emulator.
void semihosting_exit(int status);

// For the fault handler: whether the fault was a call that nobody answered. `stacked` is what the exception pushed; the
// call is then left with -1. DDI 0403E, sections C1.6.1 and B3.2.16.
bool semihosting_skip_call(uint32_t *stacked);

#endif
