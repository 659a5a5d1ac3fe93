// STM32 USART as in the F0, F3, F7 and L4: ST RM0351, section 40.8.
#include "board_config.h"
#include "console.h"

typedef struct {
    volatile uint32_t CR1, CR2, CR3, BRR, GTPR, RTOR, RQR, ISR, ICR, RDR, TDR;
} usart_v2_t;

#define USART ((usart_v2_t *)CORTEN_CONSOLE_BASE)

#define CR1_UE (1u << 0)
#define CR1_RE (1u << 2)
#define CR1_TE (1u << 3)
#define CR1_RXNEIE (1u << 5)
#define ISR_ORE (1u << 3)
#define ICR_ORECF (1u << 3)
#define ISR_RXNE (1u << 5)
#define ISR_TXE (1u << 7)

void console_init(void) {
    USART->CR1 = 0; // BRR can be written while the block is off, which a boot loader may not have left it
    USART->BRR = (CORTEN_CPU_HZ + CORTEN_CONSOLE_BAUD / 2) / CORTEN_CONSOLE_BAUD;
    USART->CR1 = CR1_UE | CR1_TE | CR1_RE | CR1_RXNEIE;
}

void console_write(uint8_t byte) {
    while (!(USART->ISR & ISR_TXE)) {
    }
    USART->TDR = byte;
}

// An overrun would interrupt until it is cleared: section 40.5.8.
int console_read(void) {
    if (USART->ISR & ISR_ORE) {
        USART->ICR = ICR_ORECF;
    }
    return USART->ISR & ISR_RXNE ? (int)(USART->RDR & 0xFF) : -1;
}
