// Time since reset, from SysTick: DDI 0403E, section B3.3.
#include "py/mphal.h"
#include "py/runtime.h"

#include "ticks.h"

#define CYCLES_PER_MS (CORTEN_CPU_HZ / 1000)
#define CYCLES_PER_US (CORTEN_CPU_HZ / 1000000)

static volatile uint32_t milliseconds;
static volatile uint32_t milliseconds_high;

void ticks_init(void) {
    SYSTICK->LOAD = CYCLES_PER_MS - 1;
    SYSTICK->VAL = 0;
    SYSTICK->CTRL = SYSTICK_CTRL_ENABLE | SYSTICK_CTRL_TICKINT | SYSTICK_CTRL_CLKSOURCE;
}

void ticks_isr(void) {
    if (++milliseconds == 0) {
        ++milliseconds_high;
    }
}

// A tick that happened while interrupts were masked is still pending: count it when VAL was read after it. VAL is 0 at the
// tick itself, then LOAD: B3.3.1.
uint64_t ticks_us64(void) {
    uint32_t state = cortex_m_mask_interrupts();
    uint32_t cycles = SYSTICK->VAL;
    uint64_t ms = ((uint64_t)milliseconds_high << 32) | milliseconds;
    if (SCB->ICSR & ICSR_PENDSTSET) {
        cycles = SYSTICK->VAL;
        ms += 1;
    }
    cortex_m_restore_interrupts(state);
    return ms * 1000 + (CYCLES_PER_MS - cycles) % CYCLES_PER_MS / CYCLES_PER_US;
}

mp_uint_t mp_hal_ticks_ms(void) {
    return milliseconds;
}

mp_uint_t mp_hal_ticks_us(void) {
    return (mp_uint_t)ticks_us64();
}

uint64_t mp_hal_time_ns(void) {
    return ticks_us64() * 1000;
}

// Interrupts end each wait, SysTick at the latest, so the deadline is missed by less than 1 ms.
void mp_hal_delay_ms(mp_uint_t ms) {
    uint32_t start = milliseconds;
    while (milliseconds - start < ms) {
        mp_event_wait_ms(ms);
    }
}

void mp_hal_delay_us(mp_uint_t us) {
    uint32_t start = mp_hal_ticks_us();
    while (mp_hal_ticks_us() - start < us) {
    }
}
