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
    corten_watch_t watched = {
        (const volatile uint32_t *)mp_obj_get_int_truncated(address_in), (uint32_t)mp_obj_get_int_truncated(value_in),
    };
    uint64_t end = ticks_us64() + (uint64_t)mp_obj_get_int(timeout_in) * 1000;
    while (corten_sleep_while(&watched, 1, end)) {
        mp_event_handle_nowait();
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(machine_sleep_while_obj, machine_sleep_while);

// machine.sleep_while_all(table, count, timeout_ms): the same for `count` words, each with its own value: `table` is the address
// of pairs, a word's address and its value. A scheduled callback ends it too, after it has run. With 0 for the time any
// interrupt ends it, the next tick at the latest.
static mp_obj_t machine_sleep_while_all(mp_obj_t table_in, mp_obj_t count_in, mp_obj_t timeout_in) {
    const corten_watch_t *watched = (const corten_watch_t *)mp_obj_get_int_truncated(table_in);
    size_t count = mp_obj_get_int(count_in);
    mp_int_t timeout_ms = mp_obj_get_int(timeout_in);
    uint64_t end = ticks_us64() + (timeout_ms ? (uint64_t)timeout_ms : 1) * 1000;
    while (corten_sleep_while(watched, count, end) && timeout_ms && corten_nothing_is_scheduled()) {
    }
    mp_event_handle_nowait();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(machine_sleep_while_all_obj, machine_sleep_while_all);

// machine.sleep_hook(address): from now on the code at `address` is called with 0 before the port sleeps and with 1 after it,
// interrupts masked; 0 for none. It keeps the rules of C calls, and the caller keeps it alive. A soft reset forgets it.
static mp_obj_t machine_sleep_hook(mp_obj_t address_in) {
    port_sleep_hook = (void (*)(uint32_t))mp_obj_get_int_truncated(address_in);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(machine_sleep_hook_obj, machine_sleep_hook);

mp_obj_t corten_pin_of(mp_obj_t object) {
    const mp_obj_type_t *type = mp_obj_get_type(object);
    if (type != &machine_signal_type && !mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(type), MP_OBJ_FROM_PTR(&machine_pinbase_type))) {
        mp_raise_TypeError(MP_ERROR_TEXT("a pin is needed, such as board.LED.into_output()"));
    }
    return object;
}

// machine.Pin, for drivers that import it: its constants are those of corten.pin, and corten.machine_pin makes the pins.
static mp_obj_t machine_pin_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)type;
    mp_obj_t name = MP_OBJ_NEW_QSTR(MP_QSTR_pin);
    mp_obj_t module = mp_import_name(qstr_from_str("corten.machine_pin"), mp_obj_new_tuple(1, &name), MP_OBJ_NEW_SMALL_INT(0));
    return mp_call_function_n_kw(mp_load_attr(module, MP_QSTR_pin), n_args, n_kw, args);
}

static const mp_rom_map_elem_t machine_pin_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_IN), MP_ROM_INT(0) },
    { MP_ROM_QSTR(MP_QSTR_OUT), MP_ROM_INT(1) },
    { MP_ROM_QSTR(MP_QSTR_OPEN_DRAIN), MP_ROM_INT(2) },
    { MP_ROM_QSTR(MP_QSTR_ALT), MP_ROM_INT(3) },
    { MP_ROM_QSTR(MP_QSTR_ANALOG), MP_ROM_INT(4) },
    { MP_ROM_QSTR(MP_QSTR_PULL_UP), MP_ROM_INT(1) },
    { MP_ROM_QSTR(MP_QSTR_PULL_DOWN), MP_ROM_INT(2) },
    { MP_ROM_QSTR(MP_QSTR_IRQ_FALLING), MP_ROM_INT(4) },
    { MP_ROM_QSTR(MP_QSTR_IRQ_RISING), MP_ROM_INT(8) },
};
static MP_DEFINE_CONST_DICT(machine_pin_locals, machine_pin_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    machine_pin_type, MP_QSTR_Pin, MP_TYPE_FLAG_NONE, make_new, machine_pin_make_new, locals_dict, &machine_pin_locals
    );

#define MICROPY_PY_MACHINE_EXTRA_GLOBALS \
    { MP_ROM_QSTR(MP_QSTR_Pin), MP_ROM_PTR(&machine_pin_type) }, \
    { MP_ROM_QSTR(MP_QSTR_sleep_hook), MP_ROM_PTR(&machine_sleep_hook_obj) }, \
    { MP_ROM_QSTR(MP_QSTR_sleep_while), MP_ROM_PTR(&machine_sleep_while_obj) }, \
    { MP_ROM_QSTR(MP_QSTR_sleep_while_all), MP_ROM_PTR(&machine_sleep_while_all_obj) },
