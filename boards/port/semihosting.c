#include <stdint.h>
#include <string.h>

#include "board_config.h"
#include "cortex_m.h"
#include "semihosting.h"

#if CORTEN_SEMIHOSTING

#define SYS_GET_CMDLINE 0x15
#define SYS_EXIT_EXTENDED 0x20
#define ADP_STOPPED_APPLICATION_EXIT 0x20026

// Whether a call ended in a fault: nobody is there to answer one.
static bool is_absent;

#define BREAKPOINT 0xBEAB // bkpt 0xab
#define HFSR_VECTTBL (1u << 1)
#define DFSR_BKPT (1u << 1)

// A fault of another cause has a bit of CFSR or VECTTBL set; without one, the instruction at the stacked PC can be read. HFSR
// says DEBUGEVT on silicon and FORCED in the emulator.
bool semihosting_skip_call(uint32_t *stacked) {
    uint32_t pc = stacked[6];
    if (SCB->CFSR != 0 || (SCB->HFSR & HFSR_VECTTBL) || *(const uint16_t *)pc != BREAKPOINT) {
        return false;
    }
    SCB->HFSR = SCB->HFSR;
    SCB->DFSR = DFSR_BKPT;
    is_absent = true;
    stacked[0] = (uint32_t)-1;
    stacked[6] = pc + 2;
    return true;
}

static int32_t call(uint32_t operation, void *arguments) {
    if (is_absent) {
        return -1;
    }
    register uint32_t r0 __asm ("r0") = operation;
    register void *r1 __asm ("r1") = arguments;
    __asm volatile ("bkpt 0xab" : "+r" (r0) : "r" (r1) : "memory");
    return (int32_t)r0;
}

bool semihosting_has_argument(const char *word) {
    char line[256];
    struct {
        char *buffer;
        uint32_t length;
    } request = { line, sizeof(line) };
    if (call(SYS_GET_CMDLINE, &request) != 0) {
        return false;
    }
    size_t length = strlen(word);
    for (const char *at = line; *at != 0; at += strspn(at, " ")) {
        size_t span = strcspn(at, " ");
        if (span == length && memcmp(at, word, length) == 0) {
            return true;
        }
        at += span;
    }
    return false;
}

void semihosting_exit(int status) {
    uint32_t block[2] = { ADP_STOPPED_APPLICATION_EXIT, (uint32_t)status };
    call(SYS_EXIT_EXTENDED, block);
}

#else

bool semihosting_skip_call(uint32_t *stacked) {
    (void)stacked;
    return false;
}

bool semihosting_has_argument(const char *word) {
    (void)word;
    return false;
}

void semihosting_exit(int status) {
    (void)status;
}

#endif
