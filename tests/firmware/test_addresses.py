"""Absolute addresses of registers, typed in from the manuals and not derived from the tables under test."""

import pytest

from corten.drivers.fpgaio import Fpgaio
from corten.drivers.timer_cmsdk import CmsdkTimer
from corten.drivers.timer_stm32_v1 import Stm32Timer
from corten.drivers.uart_cmsdk import CmsdkUart
from corten.irq import _NVIC, _SCB, _Lines, _Priority, _Scb

UART1 = CmsdkUart(0x4000_5000)  # DAI 0385D, section 3.2
TIMER0 = CmsdkTimer(0x4000_0000)
FPGAIO = Fpgaio(0x4002_8000)
TIM2 = Stm32Timer(0x4000_0000)  # RM0090, section 2.3
TIM3 = Stm32Timer(0x4000_0400)


@pytest.mark.parametrize(
    ("register", "address"),
    [
        (UART1.DATA, 0x4000_5000),  # DDI 0479D, table 4-2
        (UART1.STATE, 0x4000_5004),
        (UART1.CTRL, 0x4000_5008),
        (UART1.INTSTATUS, 0x4000_500C),
        (UART1.BAUDDIV, 0x4000_5010),
        (TIMER0.CTRL, 0x4000_0000),  # DDI 0479D, table 4-4
        (TIMER0.VALUE, 0x4000_0004),
        (TIMER0.RELOAD, 0x4000_0008),
        (TIMER0.INTSTATUS, 0x4000_000C),
        (FPGAIO.LED, 0x4002_8000),  # DAI 0385D, table 4-1
        (FPGAIO.BUTTON, 0x4002_8008),
        (FPGAIO.CLK1HZ, 0x4002_8010),
        (FPGAIO.CLK100HZ, 0x4002_8014),
        (FPGAIO.COUNTER, 0x4002_8018),
        (FPGAIO.PRESCALE, 0x4002_801C),
        (FPGAIO.PSCNTR, 0x4002_8020),
        (FPGAIO.MISC, 0x4002_804C),
        (TIM2.CR1, 0x4000_0000),  # RM0090, section 18.4.21
        (TIM2.DIER, 0x4000_000C),
        (TIM2.SR, 0x4000_0010),
        (TIM2.EGR, 0x4000_0014),
        (TIM2.CNT, 0x4000_0024),
        (TIM2.PSC, 0x4000_0028),
        (TIM2.ARR, 0x4000_002C),
        (TIM3.ARR, 0x4000_042C),
        (_Scb(_SCB).VTOR, 0xE000_ED08),  # DDI 0403E, table B3-4
        (_Lines(_NVIC).ISER, 0xE000_E100),  # DDI 0403E, table B3-8
        (_Lines(_NVIC).ICER, 0xE000_E180),
        (_Lines(_NVIC).ISPR, 0xE000_E200),
        (_Lines(_NVIC).ICPR, 0xE000_E280),
        (_Lines(_NVIC).IABR, 0xE000_E300),
        (_Priority(_NVIC).IPR, 0xE000_E400),
    ],
)
def test_address(register, address):
    assert register.address == address


def test_interrupt_registers_of_a_high_line():
    from corten.irq import Interrupt

    line = Interrupt(31)
    assert (line._lines.ISER.address, line._bit, line._ipr.address) == (0xE000_E100, 1 << 31, 0xE000_E41F)
