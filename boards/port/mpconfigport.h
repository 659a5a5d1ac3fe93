// How MicroPython's core is configured for every board of this port.
// What differs between boards is in board_config.h, generated from boards/*.toml.
#include <stdint.h>
#include <alloca.h>

#include "board_config.h"

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

// Code emitters.
#define MICROPY_EMIT_THUMB (1)
#define MICROPY_EMIT_INLINE_THUMB (1)
#define MICROPY_MAKE_POINTER_CALLABLE(p) ((void *)((mp_uint_t)(p) | 1))
#define MICROPY_PERSISTENT_CODE_LOAD (1)
#define MICROPY_MODULE_FROZEN_MPY (1)
#define MICROPY_QSTR_EXTRA_POOL mp_qstr_frozen_const_pool

// Memory, numbers and diagnostics.
#define MICROPY_ENABLE_GC (1)
#ifdef CORTEN_MORE_HEAP_BASE
#define MICROPY_GC_SPLIT_HEAP (1)
#endif
#define MICROPY_STACK_CHECK (1)
#define MICROPY_STACK_CHECK_MARGIN (1024)
#define MICROPY_MALLOC_USES_ALLOCATED_SIZE (1)
#define MICROPY_MEM_STATS (1)
#define MICROPY_LONGINT_IMPL (MICROPY_LONGINT_IMPL_MPZ)
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_FLOAT)
#define MICROPY_WARNINGS (1)
#define MICROPY_ENABLE_EMERGENCY_EXCEPTION_BUF (1)
#define MICROPY_SCHEDULER_DEPTH (8)

// __import__("main", None, None, False) runs a frozen main.py as __main__ from the raw REPL.
#define MICROPY_MODULE_OVERRIDE_MAIN_IMPORT (1)

// File systems.
#define MICROPY_VFS (1)
#define MICROPY_READER_VFS (1)

// Modules.
#define MICROPY_PY_SYS_PLATFORM "corten"
#define MICROPY_PY_SYS_STDIO_BUFFER (1)
#define MICROPY_PY_SYS_ATEXIT (1)
#define MICROPY_PY_TIME_GMTIME_LOCALTIME_MKTIME (1)
#define MICROPY_PY_TIME_TIME_TIME_NS (1)
#define MICROPY_PY_TIME_INCLUDEFILE "time_port.c"
#define MICROPY_EPOCH_IS_1970 (1)
#define MICROPY_PY_MACHINE (1)
#define MICROPY_PY_MACHINE_INCLUDEFILE "machine_port.c"
#define MICROPY_PY_MACHINE_RESET (1)
#define MICROPY_PY_MACHINE_BARE_METAL_FUNCS (1)
#define MICROPY_PY_MACHINE_PIN_BASE (1)
#define MICROPY_PY_MACHINE_SOFTI2C (1)
#define MICROPY_PY_MACHINE_SOFTSPI (1)
#define MICROPY_PY_MACHINE_DISABLE_IRQ_ENABLE_IRQ (1)

#define MICROPY_HW_BOARD_NAME CORTEN_BOARD_TITLE
#define MICROPY_HW_MCU_NAME CORTEN_CHIP_TITLE

// Lets the boot sequence learn how the last program ended; see main.c.
void corten_program_ended(void *exception);
#define MICROPY_PYEXEC_ENABLE_EXIT_CODE_HANDLING (0)
#define MICROPY_BOARD_AFTER_PYTHON_EXEC(input_kind, exec_flags, ret_val, ret) corten_program_ended(ret_val)

#define MP_STATE_PORT MP_STATE_VM
#define MP_SSIZE_MAX (0x7fffffff)
typedef long mp_off_t;

#if MICROPY_VERSION < MICROPY_MAKE_VERSION(1, 27, 0) // from then on MicroPython defines these itself
#define UINT_FMT "%lu"
#define INT_FMT "%ld"
typedef int32_t mp_int_t;
typedef uint32_t mp_uint_t;
#endif

// newlib's log2 is a macro; the core needs a function.
#define MP_NEED_LOG2 (1)
