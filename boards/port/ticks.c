// Time since reset, from SysTick: DDI 0403E, section B3.3.
#include "py/mphal.h"
#include "py/runtime.h"

#include "startup.h"
#include "ticks.h"

#define CYCLES_PER_MS (CORTEN_CPU_HZ / 1000)
#define CYCLES_PER_US (CORTEN_CPU_HZ / 1000000)
#define LONGEST_PERIOD (1u << 24)

// Cycles from reset to the beginning of SysTick's present period, and that period's length. Changed by the tick's handler
// and, with interrupts masked, by ticks_sleep.
static volatile uint64_t cycles_at_start;
static volatile uint32_t period = CYCLES_PER_MS;

// VAL is cleared by any write and reloads at the next clock.
static void begin_period(uint32_t cycles) {
    period = cycles;
    SYSTICK->LOAD = cycles - 1;
    SYSTICK->VAL = 0;
}

void ticks_init(void) {
    begin_period(CYCLES_PER_MS);
    SYSTICK->CTRL = SYSTICK_CTRL_ENABLE | SYSTICK_CTRL_TICKINT | SYSTICK_CTRL_CLKSOURCE;
}

void ticks_isr(void) {
    cycles_at_start += period;
}

// With interrupts masked. A tick that happened since is still pending: count it when VAL was read after it. VAL is 0 at
// the tick itself, then LOAD: B3.3.1.
static uint64_t cycles_now(void) {
    uint32_t left = SYSTICK->VAL;
    uint64_t start = cycles_at_start;
    if (SCB->ICSR & ICSR_PENDSTSET) {
        left = SYSTICK->VAL;
        start += period;
    }
    return start + (period - left) % period;
}

static uint64_t ticks_cycles(void) {
    uint32_t state = cortex_m_mask_interrupts();
    uint64_t cycles = cycles_now();
    cortex_m_restore_interrupts(state);
    return cycles;
}

uint64_t ticks_us64(void) {
    return ticks_cycles() / CYCLES_PER_US;
}

// With interrupts masked. The present period is cut off and another begun, which costs the clock a few cycles.
static void cut_period(uint32_t cycles) {
    cycles_at_start = cycles_now();
    SCB->ICSR = ICSR_PENDSTCLR;
    begin_period(cycles);
}

void ticks_sleep(uint64_t longest_us) {
    if (longest_us < 2000) {
        port_sleep();
        return;
    }
    bool fits = longest_us < LONGEST_PERIOD / CYCLES_PER_US;
    cut_period(fits ? (uint32_t)longest_us * CYCLES_PER_US : LONGEST_PERIOD);
    port_sleep();
    cut_period(CYCLES_PER_MS);
}

mp_uint_t mp_hal_ticks_ms(void) {
    return (mp_uint_t)(ticks_cycles() / CYCLES_PER_MS);
}

mp_uint_t mp_hal_ticks_us(void) {
    return (mp_uint_t)ticks_us64();
}

uint64_t mp_hal_time_ns(void) {
    return ticks_us64() * 1000;
}

void mp_hal_delay_ms(mp_uint_t ms) {
    uint64_t end = ticks_us64() + (uint64_t)ms * 1000;
    for (;;) {
        mp_event_handle_nowait();
        uint64_t now = ticks_us64();
        if (now >= end) {
            return;
        }
        corten_sleep(end - now);
    }
}

void mp_hal_delay_us(mp_uint_t us) {
    uint32_t start = mp_hal_ticks_us();
    while (mp_hal_ticks_us() - start < us) {
    }
}
