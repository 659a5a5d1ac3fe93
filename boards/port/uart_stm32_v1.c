// STM32 USART as in the F1, F2 and F4: ST RM0090, section 30.6.
#include "board_config.h"
#include "console.h"

typedef struct {
    volatile uint32_t SR, DR, BRR, CR1, CR2, CR3, GTPR;
} usart_v1_t;

#define USART ((usart_v1_t *)CORTEN_CONSOLE_BASE)

#define SR_RXNE (1u << 5)
#define SR_TXE (1u << 7)
#define CR1_RE (1u << 2)
#define CR1_TE (1u << 3)
#define CR1_RXNEIE (1u << 5)
#define CR1_UE (1u << 13)

void console_init(void) {
    USART->BRR = CORTEN_CPU_HZ / CORTEN_CONSOLE_BAUD;
    USART->CR1 = CR1_UE | CR1_TE | CR1_RE | CR1_RXNEIE;
}

void console_write(uint8_t byte) {
    while (!(USART->SR & SR_TXE)) {
    }
    USART->DR = byte;
}

int console_read(void) {
    return USART->SR & SR_RXNE ? (int)(USART->DR & 0xFF) : -1;
}
