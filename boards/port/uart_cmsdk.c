// CMSDK APB UART: Arm DDI 0479D, section 4.3.
#include "board_config.h"
#include "console.h"

typedef struct {
    volatile uint32_t DATA, STATE, CTRL, INTCLEAR, BAUDDIV;
} uart_cmsdk_t;

#define UART ((uart_cmsdk_t *)CORTEN_CONSOLE_BASE)

#define STATE_TXFULL (1u << 0)
#define STATE_RXFULL (1u << 1)
#define CTRL_TX_EN (1u << 0)
#define CTRL_RX_EN (1u << 1)
#define CTRL_RX_INT_EN (1u << 3)
#define INT_RX (1u << 1)

void console_init(void) {
    UART->BAUDDIV = CORTEN_CPU_HZ / CORTEN_CONSOLE_BAUD;
    UART->CTRL = CTRL_TX_EN | CTRL_RX_EN | CTRL_RX_INT_EN;
}

void console_write(uint8_t byte) {
    while (UART->STATE & STATE_TXFULL) {
    }
    UART->DATA = byte;
}

int console_read(void) {
    UART->INTCLEAR = INT_RX;
    return UART->STATE & STATE_RXFULL ? (int)UART->DATA : -1;
}
