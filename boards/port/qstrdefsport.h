// Names of machine_port.c beyond those in its macros: MicroPython collects none from a file that another one includes by
// a path that begins with a dot.
Q(pin)
Q(IN)
Q(OUT)
Q(OPEN_DRAIN)
Q(ALT)
Q(ANALOG)
Q(PULL_UP)
Q(PULL_DOWN)
Q(IRQ_FALLING)
Q(IRQ_RISING)
