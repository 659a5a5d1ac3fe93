// Arm semihosting (Arm 2020, "Semihosting for AArch32 and AArch64", version 3.0): how an emulated board gets its
// instructions and ends with a status. Only boards with an [emulator] are built with it: on silicon without a
// debugger its breakpoint is a fault.
#ifndef CORTEN_SEMIHOSTING_H
#define CORTEN_SEMIHOSTING_H

#include <stdbool.h>

// Whether the emulator was started with this word among the guest's arguments.
bool semihosting_has_argument(const char *word);

// Ends the emulator with this exit status; returns where there is no emulator.
void semihosting_exit(int status);

#endif
