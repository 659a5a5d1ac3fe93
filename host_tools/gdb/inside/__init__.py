"""What gdb itself runs, in its own Python: nothing here is imported by the host tools.

commands.py has what a person types; unwinder.py goes through code of MicroPython's compiler and through exceptions,
interpreter.py reads the interpreter's state, memory.py the target's. Layouts are those of MicroPython 1.24 to 1.26.
"""
