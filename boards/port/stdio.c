// Standard input and output on the console, and waiting for events.
#include "py/mphal.h"
#include "py/mpstate.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "console.h"
#include "startup.h"
#include "ticks.h"

// Producer: the console's interrupt. Consumer: the main context. Single bytes, so neither masks the other.
// Sized for MicroPython's raw-paste window; what does not fit is dropped.
static uint8_t input_bytes[1024];
static ringbuf_t input = { input_bytes, sizeof(input_bytes), 0, 0 };

void console_isr(void) {
    int byte;
    while ((byte = console_read()) >= 0) {
        if (byte == mp_interrupt_char) {
            mp_sched_keyboard_interrupt();
        } else {
            ringbuf_put(&input, byte);
        }
    }
}

static bool input_is_empty(void) {
    return ringbuf_avail(&input) == 0;
}

bool corten_nothing_is_scheduled(void) {
    return MP_STATE_VM(sched_state) != MP_SCHED_PENDING && MP_STATE_MAIN_THREAD(mp_pending_exception) == MP_OBJ_NULL;
}

// Below, the test and the sleep are one step, because WFI returns for an interrupt that is pending while PRIMASK masks it
// (DDI 0403E, B1.5.19).

void corten_wait_for_event(void) {
    uint32_t state = cortex_m_mask_interrupts();
    if (input_is_empty() && corten_nothing_is_scheduled()) {
        port_sleep();
    }
    cortex_m_restore_interrupts(state);
}

void corten_sleep(uint64_t longest_us) {
    uint32_t state = cortex_m_mask_interrupts();
    if (corten_nothing_is_scheduled()) {
        ticks_sleep(longest_us);
    }
    cortex_m_restore_interrupts(state);
}

static bool all_unchanged(const corten_watch_t *watched, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (*watched[i].word != watched[i].value) {
            return false;
        }
    }
    return true;
}

bool corten_sleep_while(const corten_watch_t *watched, size_t count, uint64_t end_us) {
    uint32_t was_masked = cortex_m_mask_interrupts();
    uint64_t now_us = 0;
    bool waits = all_unchanged(watched, count) && (now_us = ticks_us64()) < end_us;
    if (waits && corten_nothing_is_scheduled()) {
        ticks_sleep(end_us - now_us);
        waits = !was_masked;
    }
    cortex_m_restore_interrupts(was_masked);
    return waits;
}

static void wait_for_input(void) {
    mp_event_handle_nowait();
    uint32_t state = cortex_m_mask_interrupts();
    if (input_is_empty() && corten_nothing_is_scheduled()) {
        ticks_sleep(UINT64_MAX);
    }
    cortex_m_restore_interrupts(state);
}

uintptr_t mp_hal_stdio_poll(uintptr_t poll_flags) {
    uintptr_t ready = poll_flags & MP_STREAM_POLL_WR;
    if ((poll_flags & MP_STREAM_POLL_RD) && !input_is_empty()) {
        ready |= MP_STREAM_POLL_RD;
    }
    return ready;
}

int mp_hal_stdin_rx_chr(void) {
    for (;;) {
        int byte = ringbuf_get(&input);
        if (byte >= 0) {
            return byte;
        }
        wait_for_input();
    }
}

mp_uint_t mp_hal_stdout_tx_strn(const char *bytes, size_t length) {
    for (size_t i = 0; i < length; ++i) {
        console_write(bytes[i]);
    }
    return length;
}
