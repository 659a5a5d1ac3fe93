// PrimeCell UART PL011: Arm DDI 0183G, chapter 3.
#include "board_config.h"
#include "console.h"

typedef struct {
    volatile uint32_t DR, RSR, RESERVED[4], FR, RESERVED1, ILPR, IBRD, FBRD, LCR_H, CR, IFLS, IMSC, RIS, MIS, ICR;
} uart_pl011_t;

#define UART ((uart_pl011_t *)CORTEN_CONSOLE_BASE)

#define FR_RXFE (1u << 4)
#define FR_TXFF (1u << 5)
#define LCR_H_FEN (1u << 4)
#define LCR_H_WLEN_8 (3u << 5)
#define CR_UARTEN (1u << 0)
#define CR_TXE (1u << 8)
#define CR_RXE (1u << 9)
#define IFLS_RX_EIGHTH 0
#define INT_RX (1u << 4)
#define INT_RT (1u << 6)

// The divider is in 64ths, and takes effect with the write to LCR_H that follows it: 3.3.5 to 3.3.7.
void console_init(void) {
    uint32_t divider = (4 * CORTEN_CPU_HZ + CORTEN_CONSOLE_BAUD / 2) / CORTEN_CONSOLE_BAUD;
    UART->CR = 0;
    UART->IBRD = divider / 64;
    UART->FBRD = divider % 64;
    UART->LCR_H = LCR_H_WLEN_8 | LCR_H_FEN;
    UART->IFLS = IFLS_RX_EIGHTH;
    UART->IMSC = INT_RX | INT_RT;
    UART->CR = CR_UARTEN | CR_TXE | CR_RXE;
}

void console_write(uint8_t byte) {
    while (UART->FR & FR_TXFF) {
    }
    UART->DR = byte;
}

// Emptying the FIFO ends both interrupts: 2.8.2 and 2.8.4.
int console_read(void) {
    return UART->FR & FR_RXFE ? -1 : (int)(UART->DR & 0xFF);
}
