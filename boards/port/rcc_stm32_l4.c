// The clocks of an STM32L4: ST RM0351, sections 6.2 to 6.4, and 3.3.3 for what they ask of the flash.
//
// The 16 MHz oscillator (1 % over the temperatures of a room: the datasheet's table of HSI16) drives the PLL, whose output
// is the core's clock. No bus divides it. The regulator is in range 1, as after a reset.
#include <stdbool.h>
#include <stdint.h>

#include "board_config.h"
#include "hardware.h"
#include "startup.h"

typedef struct {
    volatile uint32_t CR, ICSCR, CFGR, PLLCFGR;
} rcc_l4_t;

typedef struct {
    volatile uint32_t ACR;
} flash_l4_t;

#define RCC ((rcc_l4_t *)CORTEN_CLOCK_BASE)
#define FLASH ((flash_l4_t *)CORTEN_CLOCK_FLASH_BASE)

#define CR_HSION (1u << 8)
#define CR_HSIRDY (1u << 10)
#define CR_PLLON (1u << 24)
#define CR_PLLRDY (1u << 25)
#define CFGR_SW_HSI16 1u
#define CFGR_SW_PLL 3u
#define CFGR_SWS_SHIFT 2u
#define CFGR_SWS_MASK (3u << CFGR_SWS_SHIFT)
#define PLLCFGR_SRC_HSI16 2u
#define PLLCFGR_N_SHIFT 8u
#define PLLCFGR_REN (1u << 24) // the output R, divided by 2; the input is not divided
#define ACR_PRFTEN (1u << 8)
#define ACR_ICEN (1u << 9)
#define ACR_DCEN (1u << 10)

#define HSI16_HZ 16000000u
#define PLL_N (CORTEN_CPU_HZ / (HSI16_HZ / 2))
#define WAIT_STATES ((CORTEN_CPU_HZ - 1) / 16000000u) // range 1: section 3.3.3, table 9

// 64 MHz is the PLL's lowest frequency here, as 80 MHz is the core's highest.
_Static_assert(CORTEN_CPU_HZ % (HSI16_HZ / 2) == 0 && CORTEN_CPU_HZ >= 64000000 && CORTEN_CPU_HZ <= 80000000,
    "clock_hz is to be 64, 72 or 80 MHz");

// Oscillators and the PLL are ready within 100 us: tables of the datasheet, section 6.3. A read takes a few cycles at 4 MHz
// at the slowest.
#define READY_TIMEOUT_READS 10000

static void await(volatile uint32_t *word, uint32_t mask, uint32_t value) {
    for (int reads = 0; reads < READY_TIMEOUT_READS; ++reads) {
        if ((*word & mask) == value) {
            return;
        }
    }
    port_reset();
}

static void run_from(uint32_t source) {
    RCC->CFGR = source;
    await(&RCC->CFGR, CFGR_SWS_MASK, source << CFGR_SWS_SHIFT);
}

// Also after a boot loader that left the PLL on: it can be set up only while nothing runs from it.
void clock_init(void) {
    FLASH->ACR = WAIT_STATES | ACR_PRFTEN | ACR_ICEN | ACR_DCEN;
    (void)FLASH->ACR;
    RCC->CR |= CR_HSION;
    await(&RCC->CR, CR_HSIRDY, CR_HSIRDY);
    run_from(CFGR_SW_HSI16);
    RCC->CR &= ~CR_PLLON;
    await(&RCC->CR, CR_PLLRDY, 0);
    RCC->PLLCFGR = PLLCFGR_SRC_HSI16 | PLL_N << PLLCFGR_N_SHIFT | PLLCFGR_REN;
    RCC->CR |= CR_PLLON;
    await(&RCC->CR, CR_PLLRDY, CR_PLLRDY);
    run_from(CFGR_SW_PLL);
}
