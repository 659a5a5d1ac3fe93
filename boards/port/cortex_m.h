// The Cortex-M core: ARMv7-M Architecture Reference Manual (Arm DDI 0403E), chapters B1 and B3.
#ifndef CORTEN_CORTEX_M_H
#define CORTEN_CORTEX_M_H

#include <stdint.h>

typedef struct {
    volatile uint32_t CTRL, LOAD, VAL, CALIB;
} systick_t;

typedef struct {
    volatile uint32_t CPUID, ICSR, VTOR, AIRCR, SCR, CCR;
    volatile uint8_t SHPR[12];
    volatile uint32_t SHCSR, CFSR, HFSR, DFSR, MMFAR, BFAR, AFSR;
    volatile uint32_t ID[18];
    volatile uint32_t CPACR;
} scb_t;

typedef struct {
    volatile uint32_t ISER[32], ICER[32], ISPR[32], ICPR[32], IABR[64];
    volatile uint8_t IPR[496];
} nvic_t;

typedef struct {
    volatile uint32_t TYPE, CTRL, RNR, RBAR, RASR;
} mpu_t;

#define MPU ((mpu_t *)0xE000ED90)
#define SYSTICK ((systick_t *)0xE000E010)
#define NVIC ((nvic_t *)0xE000E100)
#define SCB ((scb_t *)0xE000ED00)

#define SYSTICK_CTRL_ENABLE (1u << 0)
#define SYSTICK_CTRL_TICKINT (1u << 1)
#define SYSTICK_CTRL_CLKSOURCE (1u << 2)
#define ICSR_PENDSTCLR (1u << 25)
#define ICSR_PENDSTSET (1u << 26)
#define AIRCR_SYSRESETREQ (0x05FA0000u | (1u << 2))
#define SHCSR_FAULTS_ENABLED (7u << 16)
#define CPACR_CP10_CP11_FULL (0xFu << 20)

// Masks all interrupts of configurable priority and returns what PRIMASK was.
static inline uint32_t cortex_m_mask_interrupts(void) {
    uint32_t primask;
    __asm volatile ("mrs %0, primask\n cpsid i" : "=r" (primask) : : "memory");
    return primask;
}

static inline void cortex_m_restore_interrupts(uint32_t primask) {
    __asm volatile ("msr primask, %0" : : "r" (primask) : "memory");
}

// No interrupt masked, whatever PRIMASK and BASEPRI were.
static inline void cortex_m_unmask_interrupts(void) {
    __asm volatile ("msr basepri, %0\n cpsie i" : : "r" (0) : "memory");
}

// Until an interrupt is pending, masked or not.
static inline void cortex_m_sleep(void) {
    __asm volatile ("dsb\n wfi" : : : "memory");
}

static inline void cortex_m_barrier(void) {
    __asm volatile ("dsb\n isb" : : : "memory");
}

#endif
