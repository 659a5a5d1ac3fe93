// What MicroPython's core asks of the hardware.
#ifndef CORTEN_MPHALPORT_H
#define CORTEN_MPHALPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cortex_m.h"
#include "py/ringbuf.h"
#include "shared/runtime/interrupt_char.h"

#define MICROPY_BEGIN_ATOMIC_SECTION() cortex_m_mask_interrupts()
#define MICROPY_END_ATOMIC_SECTION(state) cortex_m_restore_interrupts(state)

// Sleeps until an interrupt, the next millisecond's tick at the latest, unless there is something to do already.
void corten_wait_for_event(void);

// Sleeps until an interrupt or the end of the time, for a caller that waits for nothing but that and what is scheduled.
void corten_sleep(uint64_t longest_us);

// A word in memory, and what it held when it was looked at.
typedef struct {
    const volatile uint32_t *word;
    uint32_t value;
} corten_watch_t;

// Sleeps once while every watched word holds its value, until `end_us` at most; false when there is nothing more to wait
// for, or when the caller has masked the interrupt that ended the sleep.
bool corten_sleep_while(const corten_watch_t *watched, size_t count, uint64_t end_us);

// Whether neither a scheduled callback nor an exception such as Ctrl-C waits for the main context.
bool corten_nothing_is_scheduled(void);

#define MICROPY_INTERNAL_WFE(timeout_ms) corten_wait_for_event()

#define mp_hal_ticks_cpu() mp_hal_ticks_us()
#define mp_hal_delay_us_fast(us) mp_hal_delay_us(us)

// What bit-banging C code (SoftI2C, SoftSPI) does with a pin: an object of `machine.PinBase`, as those of corten.pin are, which
// is in the state that it is to have.
#include "extmod/virtpin.h"
mp_obj_t corten_pin_of(mp_obj_t object);
#define mp_hal_pin_obj_t mp_obj_t
#define mp_hal_get_pin_obj(object) corten_pin_of(object)
#define mp_hal_pin_read(pin) mp_virtual_pin_read(pin)
#define mp_hal_pin_write(pin, level) mp_virtual_pin_write(pin, level)
#define mp_hal_pin_od_low(pin) mp_virtual_pin_write(pin, 0)
#define mp_hal_pin_od_high(pin) mp_virtual_pin_write(pin, 1)
#define mp_hal_pin_open_drain(pin) ((void)(pin))
#define mp_hal_pin_input(pin) ((void)(pin))
#define mp_hal_pin_output(pin) ((void)(pin))
#define MP_HAL_PIN_FMT "%p"
#define mp_hal_pin_name(pin) (pin)

#endif
