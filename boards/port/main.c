// The boot sequence: runtime, file system, boot.py, main.py, REPL; again after each soft reset.
#include "py/compile.h"
#include "py/gc.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stackctrl.h"
#include "shared/readline/readline.h"
#include "shared/runtime/gchelper.h"
#include "shared/runtime/pyexec.h"

#include "console.h"
#include "hardware.h"
#include "semihosting.h"
#include "startup.h"
#include "ticks.h"

extern uint32_t _stack_top, _stack_size;

static uint32_t heap[CORTEN_HEAP_BYTES / sizeof(uint32_t)];

// How the last program ended: 0 it returned, 1 an uncaught exception, else the status given to sys.exit(), 1 for a text.
static int program_status;

void corten_program_ended(void *exception) {
    program_status = exception == NULL ? 0 : 1;
    if (exception == NULL || !mp_obj_exception_match(MP_OBJ_FROM_PTR(exception), MP_OBJ_FROM_PTR(&mp_type_SystemExit))) {
        return;
    }
    mp_obj_t value = mp_obj_exception_get_value(MP_OBJ_FROM_PTR(exception));
    if (value == mp_const_none) {
        program_status = 0;
    } else if (mp_obj_is_small_int(value)) {
        program_status = MP_OBJ_SMALL_INT_VALUE(value);
    } else if (mp_obj_is_str(value) && !MICROPY_PYEXEC_ENABLE_EXIT_CODE_HANDLING) {
        mp_printf(&mp_plat_print, "%s\n", mp_obj_str_get_str(value));
    }
}

// Runs main.py; under an emulator that was asked to `run`, its end is the end of the machine.
static int run_main(bool machine_ends_with_it) {
    program_status = 0;
    int result = pyexec_file_if_exists("main.py");
    if (machine_ends_with_it) {
        semihosting_exit(program_status);
    }
    return result;
}

// Of what pyexec returns only PYEXEC_FORCED_EXIT is the same in all releases of MicroPython: program_status tells the rest.
static int run_scripts(bool without_main, bool machine_ends_with_main) {
    pyexec_frozen_module("_boot.py", false);
    program_status = 0;
    int result = pyexec_file_if_exists("boot.py");
    if (!without_main && !(result & PYEXEC_FORCED_EXIT) && pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL && program_status == 0) {
        result = run_main(machine_ends_with_main);
    }
    return result;
}

#define EMERGENCY_BYTES 256

// What the program left with sys.atexit(); a fault in it is printed, and ends nothing else.
static void run_exit_function(void) {
    if (!mp_obj_is_callable(MP_STATE_VM(sys_exitfunc))) {
        return;
    }
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_call_function_0(MP_STATE_VM(sys_exitfunc));
        nlr_pop();
    } else {
        mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(nlr.ret_val));
    }
}

static void run_repl(void) {
    while ((pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl()) == 0) {
    }
}

int main(void) {
    hardware_init();
    console_init();
    ticks_init();
    mp_stack_set_top(&_stack_top);
    mp_stack_set_limit((mp_uint_t)&_stack_size - MICROPY_STACK_CHECK_MARGIN);
    bool run = semihosting_has_argument("run");
    bool prompt = semihosting_has_argument("prompt");

    for (;;) {
        core_init();
        gc_init(heap, (char *)heap + sizeof(heap));
        #ifdef CORTEN_MORE_HEAP_BASE
        gc_add((void *)CORTEN_MORE_HEAP_BASE, (char *)CORTEN_MORE_HEAP_BASE + CORTEN_MORE_HEAP_BYTES);
        #endif
        mp_init();
        // MicroPython writes the text of an exception relative to NULL when neither heap nor emergency buffer is left.
        mp_alloc_emergency_exception_buf(MP_OBJ_NEW_SMALL_INT(EMERGENCY_BYTES));
        readline_init0();
        if (!(run_scripts(prompt, run) & PYEXEC_FORCED_EXIT)) {
            run_repl();
        }
        run_exit_function();
        mp_printf(&mp_plat_print, "MPY: soft reboot\n");
        gc_sweep_all();
        mp_deinit();
    }
}

void gc_collect(void) {
    gc_collect_start();
    gc_helper_collect_regs_and_stack();
    gc_collect_end();
}

void nlr_jump_fail(void *value) {
    (void)value;
    mp_printf(&mp_plat_print, "FAULT exception outside any handler\n");
    port_fatal();
}

#ifndef NDEBUG
void __assert_func(const char *file, int line, const char *function, const char *expression) {
    (void)function;
    mp_printf(&mp_plat_print, "FAULT assertion failed: %s:%d: %s\n", file, line, expression);
    port_fatal();
}
#endif
