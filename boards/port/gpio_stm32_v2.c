// STM32 GPIO as in the F0, F2, F3, F4, F7 and L4: ST RM0351, section 8.5.
#include "hardware.h"

typedef struct {
    volatile uint32_t MODER, OTYPER, OSPEEDR, PUPDR, IDR, ODR, BSRR, LCKR, AFR[2];
} gpio_v2_t;

#define MODER_ALTERNATE 2u

// The function first: the pin would else be another peripheral's for a moment.
void pin_alternate(uint32_t base, unsigned pin, unsigned function) {
    gpio_v2_t *port = (gpio_v2_t *)base;
    volatile uint32_t *functions = &port->AFR[pin / 8];
    unsigned nibble = pin % 8 * 4, pair = pin * 2;
    *functions = (*functions & ~(15u << nibble)) | function << nibble;
    port->MODER = (port->MODER & ~(3u << pair)) | MODER_ALTERNATE << pair;
}
