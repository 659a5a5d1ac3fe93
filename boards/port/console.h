// The console UART: one file for each IP block implements this for the driver named in boards/chips/*.toml.
#ifndef CORTEN_CONSOLE_H
#define CORTEN_CONSOLE_H

#include <stdint.h>

// Enables the UART and its receive interrupt.
void console_init(void);

// Waits until the transmitter takes the byte.
void console_write(uint8_t byte);

// Called from the receive interrupt: the oldest received byte, or -1 when there is none.
int console_read(void);

// The console's interrupt handler; see stdio.c.
void console_isr(void);

#endif
