// Included by MicroPython's extmod/modmachine.c.
#include "startup.h"
#include "ticks.h"

static void mp_machine_idle(void) {
    mp_event_wait_indefinite();
}

__attribute__((noreturn)) static void mp_machine_reset(void) {
    port_reset();
}

static mp_int_t mp_machine_reset_cause(void) {
    return 0;
}

static mp_obj_t mp_machine_unique_id(void) {
    return mp_obj_new_bytes((const byte *)CORTEN_BOARD_NAME, sizeof(CORTEN_BOARD_NAME) - 1);
}

static mp_obj_t mp_machine_get_freq(void) {
    return mp_obj_new_int_from_uint(CORTEN_CPU_HZ);
}

static void mp_machine_set_freq(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    (void)args;
    mp_raise_NotImplementedError(MP_ERROR_TEXT("the clock is fixed by the board's description"));
}

static void mp_machine_lightsleep(size_t n_args, const mp_obj_t *args) {
    if (n_args == 0) {
        mp_event_wait_indefinite();
    } else {
        mp_hal_delay_ms(mp_obj_get_int(args[0]));
    }
}

__attribute__((noreturn)) static void mp_machine_deepsleep(size_t n_args, const mp_obj_t *args) {
    mp_machine_lightsleep(n_args, args);
    port_reset();
}

// machine.sleep_while(address, value, timeout_ms): sleeps, without the millisecond's tick, while the word at `address` has
// the low 32 bits of `value`. An interrupt handler that changes the word ends it, as do the time and an exception such as
// Ctrl-C. With interrupts masked it ends when one is pending.
static mp_obj_t machine_sleep_while(mp_obj_t address_in, mp_obj_t value_in, mp_obj_t timeout_in) {
    const volatile uint32_t *word = (const volatile uint32_t *)mp_obj_get_int_truncated(address_in);
    uint32_t value = (uint32_t)mp_obj_get_int_truncated(value_in);
    uint64_t end = ticks_us64() + (uint64_t)mp_obj_get_int(timeout_in) * 1000;
    while (corten_sleep_while(word, value, end)) {
        mp_event_handle_nowait();
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(machine_sleep_while_obj, machine_sleep_while);

#define MICROPY_PY_MACHINE_EXTRA_GLOBALS \
    { MP_ROM_QSTR(MP_QSTR_sleep_while), MP_ROM_PTR(&machine_sleep_while_obj) },
