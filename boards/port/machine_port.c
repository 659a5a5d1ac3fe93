// Included by MicroPython's extmod/modmachine.c.
#include "startup.h"

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
