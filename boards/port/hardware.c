#include <stddef.h>

#include "board_config.h"
#include "cortex_m.h"
#include "hardware.h"

static void open_gate(gate_t gate) {
    if (gate.control == 0) {
        return;
    }
    volatile uint32_t *control = (volatile uint32_t *)gate.control;
    *control |= 1u << gate.bit;
    (void)*control; // the block answers two cycles after the write: ST RM0351, section 6.2.17
    cortex_m_barrier();
}

#ifdef CORTEN_CONSOLE_PINS
static void connect_console(void) {
    static const struct {
        uint32_t port;
        gate_t gate;
        uint8_t pin, function;
    } pins[] = { CORTEN_CONSOLE_PINS };
    for (size_t i = 0; i < sizeof(pins) / sizeof(pins[0]); ++i) {
        open_gate(pins[i].gate);
        pin_alternate(pins[i].port, pins[i].pin, pins[i].function);
    }
}
#endif

void hardware_init(void) {
    #ifdef CORTEN_CLOCK_BASE
    clock_init();
    #endif
    open_gate((gate_t)CORTEN_CONSOLE_GATE);
    #ifdef CORTEN_CONSOLE_PINS
    connect_console();
    #endif
}
