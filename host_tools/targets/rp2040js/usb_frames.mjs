/**
 * What rp2040js's USB controller leaves out as a device: the frames that a host starts each millisecond, and that it
 * sees a device when this pulls up its line. MicroPython needs frames to flush what was printed before it was open.
 */

const FRAME_NANOS = 1_000_000;
const ATTACH_NANOS = 100_000;
const SOF_RD = 0x48; // registers and bits: RP2040 datasheet section 4.1.4
const SIE_CTRL = 0x4c;
const INTE = 0x90;
const PULLUP_EN = 1 << 16;
const DEV_SOF = 1 << 17;
const FRAME_MASK = 0x7ff;

/**
 * Adds it to a controller.
 * @param {any} usb rp2040js's USB controller
 * @param {import('./clock.mjs').Clock} clock
 */
export function addFrames(usb, clock) {
  const { readUint32, writeUint32 } = usb;
  const frame = clock.createAlarm(() => {
    if (!(usb.intEnable & DEV_SOF)) return;
    usb.intRaw |= DEV_SOF;
    usb.checkInterrupts();
    schedule();
  });
  const reset = clock.createAlarm(() => usb.resetDevice());
  const schedule = () => frame.schedule(FRAME_NANOS - (clock.nanos % FRAME_NANOS));
  let isPulledUp = false;

  usb.resetDevice = () => {
    usb.sieStatus |= 1 << 19; // BUS_RESET
    usb.sieStatusUpdated();
  };

  usb.readUint32 = (/** @type {number} */ offset) => {
    if (offset !== SOF_RD) return readUint32.call(usb, offset);
    usb.intRaw &= ~DEV_SOF;
    usb.checkInterrupts();
    return Math.floor(clock.nanos / FRAME_NANOS) & FRAME_MASK;
  };

  usb.writeUint32 = (/** @type {number} */ offset, /** @type {number} */ value) => {
    writeUint32.call(usb, offset, value);
    if (offset === INTE && value & DEV_SOF && !frame.scheduled) schedule();
    if (offset !== SIE_CTRL) return;
    const wasPulledUp = isPulledUp;
    isPulledUp = (value & PULLUP_EN) !== 0;
    if (isPulledUp && !wasPulledUp) reset.schedule(ATTACH_NANOS);
  };
}
