// Reset, the vector table and faults: DDI 0403E, sections B1.5.2 and B1.5.14.
#include <stdint.h>
#include <string.h>

#include "py/mphal.h"
#include "py/mpprint.h"

#include "console.h"
#include "hardware.h"
#include "semihosting.h"
#include "startup.h"
#include "ticks.h"

extern uint32_t _stack_top, _data_load, _data_start, _data_end, _bss_start, _bss_end;

int main(void);

__attribute__((naked, noreturn)) void reset_handler(void) {
    __asm volatile ("ldr r0, =_stack_top\n mov sp, r0\n bl startup\n");
}

__attribute__((noreturn, used)) void startup(void) {
    #ifdef __ARM_FP
    SCB->CPACR |= CPACR_CP10_CP11_FULL;
    cortex_m_barrier();
    #endif
    for (uint32_t *from = &_data_load, *to = &_data_start; to < &_data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = &_bss_start; to < &_bss_end;) {
        *to++ = 0;
    }
    SCB->SHCSR |= SHCSR_FAULTS_ENABLED;
    semihosting_exit(main());
    port_reset();
}

void port_reset(void) {
    SCB->AIRCR = AIRCR_SYSRESETREQ;
    cortex_m_barrier();
    for (;;) {
    }
}

void port_fatal(void) {
    semihosting_exit(EXIT_FAULT);
    port_reset();
}

#define NON_MASKABLE 2
#define HARD_FAULT 3

static const char *const fault_names[] = { "NMI", "HardFault", "MemManage", "BusFault", "UsageFault" };

// `stacked` points to what the exception pushed: r0-r3, r12, lr, pc, xpsr (DDI 0403E, B1.5.6).
// Returns where the fault was a semihosting call that nobody answered, or an error of the flash that holds the file system.
__attribute__((used)) void report_fault(uint32_t *stacked) {
    uint32_t number = SCB->ICSR & 0x1FF;
    if (number == HARD_FAULT && semihosting_skip_call(stacked)) {
        return;
    }
    #ifdef CORTEN_FLASH_BASE
    if (number == NON_MASKABLE && flash_error_taken()) {
        return;
    }
    #endif
    const char *name = number >= 2 && number <= 6 ? fault_names[number - 2] : "unhandled interrupt";
    mp_printf(&mp_plat_print, "\r\nFAULT %s exception=%u pc=0x%08x lr=0x%08x cfsr=0x%08x hfsr=0x%08x mmfar=0x%08x bfar=0x%08x\r\n",
        name, (unsigned)number, (unsigned)stacked[6], (unsigned)stacked[5], (unsigned)SCB->CFSR, (unsigned)SCB->HFSR,
        (unsigned)SCB->MMFAR, (unsigned)SCB->BFAR);
    mp_printf(&mp_plat_print, "FAULT r0=0x%08x r1=0x%08x r2=0x%08x r3=0x%08x r12=0x%08x xpsr=0x%08x\r\n",
        (unsigned)stacked[0], (unsigned)stacked[1], (unsigned)stacked[2], (unsigned)stacked[3], (unsigned)stacked[4],
        (unsigned)stacked[7]);
    port_fatal();
}

__attribute__((naked)) void fault_handler(void) {
    __asm volatile ("mov r0, sp\n push {r4, lr}\n bl report_fault\n pop {r4, pc}\n");
}

void (*port_sleep_hook)(uint32_t is_awake);

void port_sleep(void) {
    void (*hook)(uint32_t) = port_sleep_hook;
    if (hook == NULL) {
        cortex_m_sleep();
        return;
    }
    hook(0);
    cortex_m_sleep();
    hook(1);
}

#define EXCEPTIONS 16

__attribute__((section(".vectors"), used)) const void *const vectors[EXCEPTIONS + CORTEN_IRQ_COUNT] = {
    [0] = &_stack_top,
    [1] = reset_handler,
    [2 ... EXCEPTIONS + CORTEN_IRQ_COUNT - 1] = fault_handler,
    [15] = ticks_isr,
    [EXCEPTIONS + CORTEN_CONSOLE_RX_IRQ] = console_isr,
};

void core_init(void) {
    cortex_m_mask_interrupts();
    port_sleep_hook = NULL;
    MPU->CTRL = 0;
    for (int word = 0; word < (CORTEN_IRQ_COUNT + 31) / 32; ++word) {
        NVIC->ICER[word] = 0xFFFFFFFF;
        NVIC->ICPR[word] = 0xFFFFFFFF;
    }
    for (int irq = 0; irq < CORTEN_IRQ_COUNT; ++irq) {
        NVIC->IPR[irq] = 0;
    }
    SCB->VTOR = (uint32_t)vectors;
    cortex_m_barrier();
    NVIC->ISER[CORTEN_CONSOLE_RX_IRQ / 32] = 1u << (CORTEN_CONSOLE_RX_IRQ % 32);
    cortex_m_unmask_interrupts();
}
