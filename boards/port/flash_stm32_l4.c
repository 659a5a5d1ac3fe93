// The errors that an STM32L4's flash finds when it is read: ST RM0351, sections 3.3.10 and 3.7.7.
#include "board_config.h"
#include "hardware.h"

#define FLASH_ECCR (*(volatile uint32_t *)(CORTEN_FLASH_BASE + 0x18))
#define ECCR_ECCD (1u << 31)

// A power cut while a double word is programmed can leave one whose two bits or more are wrong. Its reader gets something,
// and the file system finds by its checksums that it is nothing.
bool flash_error_taken(void) {
    if (!(FLASH_ECCR & ECCR_ECCD)) {
        return false;
    }
    FLASH_ECCR = ECCR_ECCD;
    return true;
}
